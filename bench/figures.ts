/** Figures of one adapter as a file: the page downloads it, `npm run bench -- --json` writes it. */
import packageJson from '../package.json' with { type: 'json' }
import type { AdapterInfo } from '../src/gpu/device.ts'
import { inNode } from '../src/gpu/runtime.ts'
import type { Measured } from './measurements.ts'
import type { PeerRow } from './peers/rows.ts'
import type { RungRow } from './rungs.ts'
import { better, type Roofline, shareOf } from './share.ts'
import type { StepRow } from './steps.ts'

/** Told in each file. The number grows when a reader of older files would misread a newer one. */
export const FORMAT = 'tasn-webgpu figures 1'

export interface Figures {
  readonly format: typeof FORMAT
  /** This project's. */
  readonly version: string
  /** The day, 2026-11-26. */
  readonly date: string
  /** The adapter in the words of its owner: browsers do not tell which GPU they have. */
  readonly name: string
  /** Node or the browser, and the system. */
  readonly host: string
  /** Few rounds, and small shapes alone. */
  readonly quick: boolean
  readonly adapter: AdapterInfo
  readonly roofline: Roofline
  readonly kernels: readonly RungRow[]
  readonly steps: readonly StepRow[]
  /** Other libraries on the same adapter. */
  readonly peers?: readonly PeerRow[]
}

/** The adapter for the reader, as far as it says who it is. */
export const nameOf = ({ description, device, vendor, architecture }: AdapterInfo): string =>
  description || device || [vendor, architecture].filter(Boolean).join(' ') || 'unnamed adapter'

/** `Node 22.21.1, linux x64`, `Chrome 156, Linux`. */
export function hostText(): string {
  if (inNode) return `Node ${process.versions.node}, ${process.platform} ${process.arch}`
  return browserText(navigator.userAgent)
}

/** A browser and its system, of what it says of itself. */
export function browserText(userAgent: string): string {
  // Chromium's relatives name themselves behind Chrome, Safari its version before its name.
  const [, browser, version] = /(Edg|OPR|Firefox)\/(\d+)/.exec(userAgent) ??
    /(Chrome)\/(\d+)/.exec(userAgent) ??
    /(Version)\/(\d+)/.exec(userAgent) ?? ['', 'a browser', '']
  const name = { Edg: 'Edge', OPR: 'Opera', Version: 'Safari' }[browser!] ?? browser!
  // Android says that it is Linux, too, and an iPhone that it is like macOS: who comes first, counts.
  const systems = ['Android', 'iPhone', 'iPad', 'Windows', 'Mac OS X', 'CrOS', 'Linux']
  const system = systems.find(s => userAgent.includes(s)) ?? 'unknown system'
  return `${name} ${version}`.trim().concat(`, ${system.replace('Mac OS X', 'macOS')}`)
}

/**
 * The figures of what was measured so far.
 * @throws before the roofline was measured.
 */
export function figuresOf(
  measured: readonly Measured[],
  { adapter, name, quick, peers }: { adapter: AdapterInfo; quick: boolean; name?: string; peers?: readonly PeerRow[] },
): Figures {
  const rooflines = measured.flatMap(m => (m.kind === 'roofline' ? [m.roofline] : []))
  if (!rooflines.length) throw new Error('the roofline was not measured, and without it no figure says anything')
  const roofline = rooflines.reduce(better)
  return {
    format: FORMAT,
    version: packageJson.version,
    date: new Date().toISOString().slice(0, 10),
    name: name || nameOf(adapter),
    host: hostText(),
    quick,
    adapter,
    roofline,
    kernels: measured.flatMap(m =>
      m.kind === 'rungs' ? m.rows.map(r => ({ ...r, ofPeak: shareOf(r, roofline) })) : [],
    ),
    steps: measured.flatMap(m => (m.kind === 'step' ? [m.row] : [])),
    ...(peers?.length ? { peers } : {}),
  }
}

/** JSON with a row on a line, so that a reader and a comparison of versions find it. Five digits of each number. */
export function encodeFigures(figures: Figures): string {
  const json = (value: unknown): string =>
    JSON.stringify(value, (_, v: unknown) => (typeof v === 'number' ? Number(v.toPrecision(5)) : v))
  const list = (values: readonly unknown[]): string =>
    values.length ? `[\n${values.map(v => `  ${json(v)}`).join(',\n')}\n ]` : '[]'
  const fields = Object.entries(figures).map(
    ([key, value]) => ` "${key}": ${Array.isArray(value) ? list(value) : json(value)}`,
  )
  return `{\n${fields.join(',\n')}\n}\n`
}
