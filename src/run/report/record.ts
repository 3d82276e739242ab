/** A run's folder as a report reads it: whatever is there of a run, finished, cut off, or of an earlier version. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { isObject, parsed } from '../../io/json.ts'
import { printable } from '../../io/printable.ts'
import { METRICS_FILE, SUMMARY_FILE } from '../folder.ts'
import { PLAN_FILE, type PlanRecord, PROFILE_FILE, type ProfileRow } from '../measured.ts'
import { PREDICTIONS_FILE, type Prediction, readPredictions } from '../predictions.ts'
import type { Summary } from '../summary.ts'

/** A line of metrics.jsonl: numbers by name, for a step the rates in `lr`. */
export type MetricsLine = Readonly<Record<string, unknown>> & {
  readonly epoch: number
  readonly kind: 'step' | 'epoch'
}

export interface RunRecord {
  /** The folder as it was named, and its last part. */
  readonly dir: string
  readonly name: string
  readonly config: Readonly<Record<string, unknown>>
  readonly classes: readonly string[]
  readonly lines: readonly MetricsLine[]
  /** Undefined for a run that has not ended. */
  readonly summary: Partial<Summary> | undefined
  readonly predictions: readonly Prediction[] | undefined
  readonly plan: PlanRecord | undefined
  readonly profile: readonly ProfileRow[] | undefined
  /** Sentences about files that could not be used. */
  readonly remarks: readonly string[]
}

/**
 * Reads a run's folder. Only config.json must be there and sound; what cannot be used of the others is in `remarks`.
 * @param ended the summary of a run that is about to end, before it is written.
 * @throws naming the folder that is not one of a run.
 */
export function readRun(dir: string, ended?: Summary): RunRecord {
  const remarks: string[] = []
  const config = configOf(dir)
  const names = namesIn(config)
  /** The content of a file, by `parse`; undefined if it is not there, or not sound. */
  const read = <T>(name: string, parse: (text: string) => T): T | undefined => {
    const file = join(dir, name)
    if (!existsSync(file)) return undefined
    try {
      return parse(readFileSync(file, 'utf8'))
    } catch (error) {
      remarks.push(`${name} could not be used: ${printable((error as Error).message, 200)}.`)
      return undefined
    }
  }
  return {
    dir,
    name: basename(resolve(dir)),
    config,
    classes: names,
    lines: read(METRICS_FILE, text => linesOf(text, remarks)) ?? [],
    summary: ended ?? read(SUMMARY_FILE, objectOf),
    predictions: read(PREDICTIONS_FILE, text => readPredictions(text, names.length)),
    plan: read(PLAN_FILE, text => checked(JSON.parse(text) as PlanRecord, isPlan)),
    profile: read(PROFILE_FILE, text => checked(JSON.parse(text) as ProfileRow[], areRows)),
    remarks,
  }
}

/** The names of a run's classes. @throws naming the folder that is not one of a run. */
export const classesOf = (dir: string): string[] => namesIn(configOf(dir))

const namesIn = ({ classes }: Record<string, unknown>): string[] =>
  Array.isArray(classes) ? classes.map(name => String(name)) : []

function configOf(dir: string): Record<string, unknown> {
  const there = statSync(dir, { throwIfNoEntry: false })
  const no = (why: string) => new Error(`${dir} is not the folder of a run: ${why}`)
  if (!there) throw no(`there is no such folder; name one of those in runs/`)
  if (!there.isDirectory()) throw no('it is a file; name the folder that it lies in')
  const file = join(dir, 'config.json')
  if (!existsSync(file)) {
    const runs = readdirSync(dir).filter(name => existsSync(join(dir, name, 'config.json')))
    throw no(`it has no config.json${runs.length ? `; folders in it are: ${runs.slice(0, 5).join(', ')}` : ''}`)
  }
  try {
    return objectOf(readFileSync(file, 'utf8'))
  } catch (error) {
    throw no(`its config.json is damaged (${printable((error as Error).message, 200)})`)
  }
}

function objectOf(text: string): Record<string, unknown> {
  return checked(JSON.parse(text) as unknown, isObject) as Record<string, unknown>
}

const isPlan = (p: unknown): boolean =>
  isObject(p) &&
  ['planned', 'unplanned', 'lowerBound'].every(name => numberOf(fieldOf(p, 'memory', name)) !== undefined) &&
  Array.isArray(p.launches) &&
  p.launches.every(l => Array.isArray(l) && numberOf(l[1]) !== undefined)

const areRows = (rows: unknown): boolean => Array.isArray(rows) && rows.every(isObject)

function checked<T>(value: T, fits: (v: T) => boolean): T {
  if (!fits(value)) throw new Error('it is not what a run writes there')
  return value
}

/** All lines that are whole. A process that was killed, or is writing now, leaves half a line at the end. */
function linesOf(text: string, remarks: string[]): MetricsLine[] {
  const lines = text.split('\n').filter(line => line !== '')
  const whole = lines.flatMap(line => {
    const value = parsed(line)
    return isObject(value) && Number.isSafeInteger(value.epoch) && (value.kind === 'step' || value.kind === 'epoch')
      ? [value as MetricsLine]
      : []
  })
  const lost = lines.length - whole.length
  if (lost) remarks.push(`${METRICS_FILE}: ${lost} line${lost > 1 ? 's' : ''} cut short left out.`)
  return whole
}

/** A number out of a file; undefined for anything else. */
export const numberOf = (v: unknown): number | undefined => (Number.isFinite(v) ? (v as number) : undefined)

/** The field at a path of an object out of a file. */
export const fieldOf = (value: unknown, ...path: readonly string[]): unknown =>
  path.reduce<unknown>((v, name) => (isObject(v) ? v[name] : undefined), value)
