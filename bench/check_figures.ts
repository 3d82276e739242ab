/** The check of figures that somebody sends: all that a file should hold is there, and its numbers are plausible. */
import { type Figures, FORMAT } from './figures.ts'
import type { RungRow } from './rungs.ts'
import { shareOf } from './share.ts'

/** Says why a value is none of a kind; undefined where it is one. */
type Kind = (value: unknown) => string | undefined

const kind =
  (expected: string, test: (value: never) => boolean): Kind =>
  value =>
    test(value as never) ? undefined : `${expected} was expected, found ${short(value)}`
const short = (value: unknown): string => {
  const text = JSON.stringify(value) ?? 'nothing'
  return text.length > 60 ? `${text.slice(0, 57)}...` : text
}
const optional =
  (of: Kind): Kind =>
  value =>
    value === undefined ? undefined : of(value)

const isText = (v: unknown): v is string => typeof v === 'string'
const isLine = (v: unknown): v is string => isText(v) && v.length <= 300 && !v.includes('\n')
const text = kind('a line of text', isLine)
const word = kind('a line of text that is not empty', v => isLine(v) && (v as string).trim() !== '')
/** These go into a table in Markdown. */
const cell = kind('a line of text that is not empty, without | < >', v => word(v) === undefined && !/[|<>]/.test(v))
const flag = kind('true or false', v => typeof v === 'boolean')
const whole = kind('a whole number of at least 1', v => Number.isSafeInteger(v) && v >= 1)
const atLeast0 = kind('a number of at least 0', v => Number.isFinite(v) && v >= 0)
/** Between a phone of 2010 on one core and a hundred of today's largest GPUs. */
const between = (least: number, most: number, unit: string): Kind =>
  kind(`a number from ${least} to ${most} ${unit}`, v => Number.isFinite(v) && v >= least && v <= most)

const DAY = /^20\d\d-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/
const FIELDS: Readonly<Record<string, Kind>> = {
  format: kind(JSON.stringify(FORMAT), v => v === FORMAT),
  version: kind('a version such as "0.3.0"', v => isText(v) && /^\d+\.\d+\.\d+/.test(v)),
  date: kind('a day such as "2026-11-26"', v => isText(v) && DAY.test(v)),
  name: cell,
  host: cell,
  quick: flag,
}
const ADAPTER: Readonly<Record<string, Kind>> = {
  vendor: text,
  architecture: text,
  device: text,
  description: text,
  software: flag,
  subgroup: kind('a whole number of at least 0', v => Number.isSafeInteger(v) && v >= 0),
  features: kind('a list of texts', v => Array.isArray(v) && (v as unknown[]).every(isText)),
}
const ROOFLINE: Readonly<Record<string, Kind>> = {
  gflops: between(0.1, 1e6, 'GFLOP/s'),
  gigabytes: between(0.05, 1e5, 'GB/s'),
}
const MS = between(1e-6, 1e7, 'ms')
const RUNG: Readonly<Record<string, Kind>> = {
  ladder: word,
  shape: word,
  count: whole,
  rung: word,
  ms: MS,
  gflops: optional(between(1e-6, 1e7, 'GFLOP/s')),
  gigabytes: atLeast0,
  ofPeak: atLeast0,
  speedUp: atLeast0,
  chosen: flag,
  wrong: optional(flag),
  winograd: flag,
}
const STEP: Readonly<Record<string, Kind>> = {
  name: word,
  images: whole,
  launches: whole,
  ms: MS,
  encodeMs: atLeast0,
  imagesPerSecond: atLeast0,
  gflops: between(1e-6, 1e6, 'GFLOP/s'),
  plannedMiB: atLeast0,
  firstMs: MS,
}
const PEER: Readonly<Record<string, Kind>> = {
  case: word,
  part: kind('"forward" or "both"', v => v === 'forward' || v === 'both'),
  library: word,
  ms: optional(MS),
  why: optional(kind('a text', isText)),
  wrong: optional(kind('a list of texts', v => Array.isArray(v) && (v as unknown[]).every(isText))),
}

/** Faults of an object's fields, each with the way to it. A field that nobody knows is one, too. */
function faultsOf(value: unknown, fields: Readonly<Record<string, Kind>>, at: string, others: string[] = []): string[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return [`${at || 'the file'}: an object was expected, found ${short(value)}`]
  const path = at ? `${at}.` : ''
  return [
    ...Object.entries(fields).flatMap(([name, kind]) => {
      const fault = kind((value as Record<string, unknown>)[name])
      return fault ? [`${path}${name}: ${fault}`] : []
    }),
    ...Object.keys(value)
      .filter(name => !(name in fields) && !others.includes(name))
      .map(name => `${path}${name}: nothing of this name was expected`),
  ]
}

function faultsOfList(value: unknown, fields: Readonly<Record<string, Kind>>, at: string): string[] {
  if (!Array.isArray(value)) return [`${at}: a list was expected, found ${short(value)}`]
  return value.flatMap((v: unknown, i) => faultsOf(v, fields, `${at}[${i}]`))
}

const near = (a: number, b: number): boolean => Math.abs(a - b) <= 0.02 * Math.max(Math.abs(a), Math.abs(b)) + 1e-9
/** Multiply-adds in half precision may be faster than the roofline, which is float32's. */
const F16_TIMES = 8
/** Measured anew, the roofline of a machine that others use may be so much less than that of a lucky moment. */
const LUCK = 2

const caseOf = ({ ladder, shape }: RungRow): string => `${ladder}, ${shape}`

/** Faults of numbers that do not fit each other. Only for figures of the right form. */
function contradictions({ roofline, kernels, steps, peers, adapter }: Figures): string[] {
  const faults: string[] = []
  const chosen = new Set(kernels.filter(r => r.chosen).map(caseOf))
  kernels.forEach((r, i) => {
    const at = `kernels[${i}] (${r.ladder}, ${r.rung})`
    const most = roofline.gflops * LUCK * (/f16/.test(r.rung) ? F16_TIMES : 1)
    if (r.gflops !== undefined && r.gflops > most)
      faults.push(
        `${at}: ${r.gflops} GFLOP/s is more than this adapter can do, ${roofline.gflops} GFLOP/s of multiply-adds: ` +
          'was the machine busy while the roofline was measured? Measure again',
      )
    const share = shareOf(r, roofline)
    if (r.chosen && r.wrong)
      faults.push(`${at}: ops take this rung, and its result is not the first one's: report it as a bug of the rung`)
    if (!near(share, r.ofPeak)) faults.push(`${at}: ofPeak is ${r.ofPeak}, but its rate and the roofline give ${share}`)
  })
  for (const name of new Set(kernels.map(caseOf)))
    if (!chosen.has(name)) faults.push(`kernels: no rung of ${name} is the chosen one`)
  steps.forEach((s, i) => {
    const rate = (1000 * s.images) / s.ms
    if (!near(rate, s.imagesPerSecond))
      faults.push(`steps[${i}] (${s.name}): imagesPerSecond is ${s.imagesPerSecond}, but images and ms give ${rate}`)
    // Winograd's algorithm needs 16 of each 36 multiplications that the definition counts.
    if (s.gflops > roofline.gflops * LUCK * 2.25)
      faults.push(`steps[${i}] (${s.name}): ${s.gflops} GFLOP/s is more than this adapter can do`)
  })
  if (!kernels.length && !steps.length && !peers?.length) faults.push('no kernel, step or library was measured')
  if (/swiftshader|llvmpipe|lavapipe/i.test(JSON.stringify(adapter)) && !adapter.software)
    faults.push('adapter.software: true was expected for a software adapter')
  return faults
}

/** So many are told. */
const MOST_FAULTS = 20

/**
 * Reads the text of a file of figures.
 * @param name takes the place of the adapter's name in it.
 * @throws with its faults, a line each.
 */
export function decodeFigures(json: string, name?: string): Figures {
  let value: unknown
  try {
    value = JSON.parse(json)
  } catch (error) {
    throw new Error(`this is no JSON: ${(error as Error).message}`)
  }
  const parts = ['adapter', 'roofline', 'kernels', 'steps', 'peers']
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
  if (isObject && name !== undefined) Object.assign(value as object, { name })
  const faults = faultsOf(value, FIELDS, '', parts)
  if (isObject) {
    const v = value as Record<string, unknown>
    faults.push(
      ...faultsOf(v.adapter, ADAPTER, 'adapter'),
      ...faultsOf(v.roofline, ROOFLINE, 'roofline'),
      ...faultsOfList(v.kernels, RUNG, 'kernels'),
      ...faultsOfList(v.steps, STEP, 'steps'),
      ...(v.peers === undefined ? [] : faultsOfList(v.peers, PEER, 'peers')),
    )
  }
  if (!faults.length) faults.push(...contradictions(value as Figures))
  if (faults.length) {
    const shown = faults.slice(0, MOST_FAULTS).map(f => `\n  ${f}`)
    if (faults.length > MOST_FAULTS) shown.push(`\n  and ${faults.length - MOST_FAULTS} more`)
    throw new Error(`these figures cannot be taken, ${faults.length} fault(s):${shown.join('')}`)
  }
  return value as Figures
}
