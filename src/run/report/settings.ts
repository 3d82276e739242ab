/** The settings of runs as tables: all of one, and what differs between several. */
import { createHash } from 'node:crypto'
import { isObject } from '../../io/json.ts'
import type { Html } from './html.ts'
import { html } from './html.ts'
import { details, table } from './page.ts'
import type { RunRecord } from './record.ts'

/** Every setting by its path, such as `training.lr`. Of long lists and of kernels there is a digest. */
export function flat(value: unknown, at = ''): [path: string, text: string][] {
  if (at === 'kernels') return [[at, digest(value)]]
  if (isObject(value)) return Object.entries(value).flatMap(([name, v]) => flat(v, at ? `${at}.${name}` : name))
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return text === undefined ? [] : [[at, text.length > 120 ? digest(value) : text]]
}

function digest(value: unknown): string {
  const count = Object.keys(value as object).length
  const hash = createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 8)
  return count ? `${count} (digest ${hash})` : 'none'
}

/** All of a run's config.json, a table for each of its parts. */
export function settingsTables({ config }: RunRecord): Html {
  const parts = new Map<string, [string, string][]>()
  for (const [path, text] of flat(config)) {
    const [part] = path.split('.')
    const name = path.includes('.') ? path.slice(part!.length + 1) : path
    parts.set(part!, [...(parts.get(part!) ?? []), [name, text]])
  }
  const single = [...parts].filter(([part, rows]) => rows.length === 1 && rows[0]![0] === part)
  const tables = [...parts].filter(([part]) => !single.some(([s]) => s === part))
  return html`${tables.map(([part, rows]) => details(part, table(part, ['setting', 'value'], rows)))}
${details(
  'others',
  table(
    'others',
    ['setting', 'value'],
    single.flatMap(([, rows]) => rows),
  ),
)}`
}

/** The settings that are not the same in all runs, with the value of each; empty where a run has none. */
export function differing(runs: readonly RunRecord[]): [path: string, values: string[]][] {
  const all = runs.map(run => new Map(flat(run.config)))
  const paths = new Set(all.flatMap(settings => [...settings.keys()]))
  return [...paths]
    .map((path): [string, string[]] => [path, all.map(settings => settings.get(path) ?? '')])
    .filter(([, values]) => new Set(values).size > 1)
}
