/**
 * The tuner: which rung of a ladder is fastest depends on the adapter and on the shape, and no rule knows all of both.
 * A new plan therefore times the rungs that fit, once for each distinct launch, and keeps the winners in a cache. A
 * rung whose result is not that of rung 1 on the same data can never win.
 *
 * On by default on GPUs; TUNE=1 and TUNE=0 switch it on and off anywhere. On software adapters the rules in src/ops/
 * are measured ones.
 */

import { adapterInfo, env } from '../gpu/device.ts'
import {
  choose,
  compile,
  declaredLadders,
  type Kernel,
  type Ladder,
  labelOf,
  ladderText,
  launchKey,
  type Params,
  pick,
  picks,
  rungsThatFit,
  variant,
} from '../gpu/kernel.ts'
import { withProfiler } from '../gpu/profile.ts'
import { finish, type Launch, launch, persistent, read, release, write } from './execute.ts'
import { Random } from './random.ts'
import { type Shape, sizeOf, type Tensor } from './tensor.ts'

/** Chosen rungs: ladder -> params as JSON -> label of the rung. What config.json keeps of a run. */
export type Choices = Readonly<Record<string, Readonly<Record<string, string>>>>

/** A launch to measure: a ladder, its params, the shapes of its tensors, and how often the step has it. */
export interface Case {
  readonly ladder: Ladder
  readonly params: Params
  readonly shapes: Readonly<Record<string, Shape>>
  count: number
}

/** A measured rung: milliseconds at best, or nothing where it was wrong. */
export interface Trial {
  readonly kernel: Kernel
  readonly ms: number | undefined
}

/** What tuning has cost this process. */
export const tuning = { shapes: 0, seconds: 0, known: 0, left: 0 }

/** Longest that one plan is tuned; shapes that are not reached keep the rules' rung. */
const BUDGET_S = 20
/**
 * Arithmetic of a launch above which rung 1 takes a second, on a CPU and on a small GPU, whose driver may take it for
 * hung. Such launches are measured with fewer images.
 */
const MOST_FLOP = { software: 4e9, hardware: 1e10 }
/** Another rung must be this much faster than the rules' one: below it the clock's noise would choose. */
const MARGIN = 0.95
/** Largest relative difference (Euclidean norm) from rung 1: different orders of summation, no more. */
const TOLERANCE = 1e-4

const on = (): boolean =>
  env('KERNELS') !== 'naive' && (env('TUNE') === '1' || (env('TUNE') !== '0' && !adapterInfo.software))

/** The distinct ladder launches among these that were free to take any rung. */
export function casesOf(launches: readonly Launch[]): Case[] {
  const found = new Map<string, Case>()
  for (const { ladder, params, tensors } of launches) {
    if (!ladder) continue
    const key = launchKey(ladder, params)
    const known = found.get(key)
    if (known) known.count++
    else
      found.set(key, {
        ladder,
        params,
        count: 1,
        shapes: Object.fromEntries(Object.entries(tensors).map(([name, t]) => [name, t.shape])),
      })
  }
  return [...found.values()]
}

/** With half precision allowed there are more rungs to measure, so what was measured without it says nothing. */
const cacheKey = ({ params }: Case): string => `${JSON.stringify(params)}${env('F16') === '1' ? ' F16' : ''}`

/**
 * Picks the fastest rung for every launch that has a choice: from the run being repeated, from the cache, or by
 * measuring.
 */
export async function tune(launches: readonly Launch[]): Promise<void> {
  if (frozen || !on()) return
  const start = performance.now()
  const cache = await openCache()
  const unknown = casesOf(launches).filter(
    c => !picks.has(launchKey(c.ladder, c.params)) && rungsThatFit(c.ladder, c.params).length > 1,
  )
  const cases: Case[] = []
  for (const c of unknown) {
    const label = (await cache.of(c.ladder))[cacheKey(c)]
    const kernel = rungsThatFit(c.ladder, c.params).find(k => labelOf(k) === label)
    if (kernel) {
      pick(c.ladder, c.params, kernel)
      tuning.known++
    } else cases.push(c)
  }
  if (!cases.length) return
  await compile(cases.flatMap(c => rungsThatFit(c.ladder, c.params).map(k => variant(k, c.params))))
  // What costs most comes first: the budget may end before the list.
  const cost = (c: Case): number =>
    c.count * (c.ladder.rungs[0].flop?.(c.params) ?? Object.values(c.shapes).reduce((sum, s) => sum + sizeOf(s), 0))
  const lines: string[] = []
  for (const c of cases.sort((a, b) => cost(b) - cost(a))) {
    const sample = withFewerImages(c, adapterInfo.software ? MOST_FLOP.software : MOST_FLOP.hardware)
    if (!sample || performance.now() - start > 1000 * BUDGET_S) {
      tuning.left++
      continue
    }
    const usual = choose(c.ladder, c.params)
    const trials = await measure(sample)
    const winner = fastest(trials, usual)
    pick(c.ladder, c.params, winner)
    ;(await cache.of(c.ladder))[cacheKey(c)] = labelOf(winner)
    tuning.shapes++
    lines.push(row(c, trials, usual, winner))
  }
  await cache.save()
  tuning.seconds += (performance.now() - start) / 1000
  if (env('PROFILE') === '1') {
    console.log(
      `tuner: shape, times a step, ms of each rung (! wrong result, * winner, = the rules' rung where another ` +
        `won)\n${lines.join('\n')}\n`,
    )
  }
}

/** Tensors that hold something for each image or matrix of a batch. */
const PER_IMAGE = new Set(['x', 'y', 'dx', 'dy', 'residual', 'a', 'b'])

/**
 * The launch with as many images (or matrices) as stay below `most` floating-point operations; undefined if one alone
 * is more.
 */
export function withFewerImages(c: Case, most: number): Case | undefined {
  const flop = c.ladder.rungs[0].flop?.(c.params) ?? 0
  const axis = 'N' in c.params && 'dilation' in c.params ? 'N' : 'batch'
  const images = c.params[axis] ?? 1
  if (flop <= most) return c
  const N = Math.floor((images * most) / flop)
  const { G } = c.params
  if (N < 1) return undefined
  const groups = G === undefined ? undefined : Math.min(G, N)
  // Tensors of all images begin with that axis; weight gradients of several groups of images (G,K,C,R,S) with the
  // groups.
  const shapes = Object.entries(c.shapes).map(([name, shape]): [string, Shape] => [
    name,
    name === 'dw'
      ? shape.length === 5
        ? [groups!, ...shape.slice(1)]
        : shape
      : PER_IMAGE.has(name) && shape[0] === images
        ? [N, ...shape.slice(1)]
        : shape,
  ])
  return {
    ...c,
    params: { ...c.params, [axis]: N, ...(groups === undefined ? {} : { G: groups }) },
    shapes: Object.fromEntries(shapes),
  }
}

/** The rules' rung, unless another is faster by more than the noise. */
export function fastest(trials: readonly Trial[], usual: Kernel): Kernel {
  const right = trials.filter((t): t is { kernel: Kernel; ms: number } => t.ms !== undefined)
  if (!right.length) return usual // not even rung 1 gave numbers: nothing can be said
  const best = right.reduce((a, b) => (b.ms < a.ms ? b : a))
  const ruled = right.find(t => t.kernel === usual)
  return ruled && best.ms > MARGIN * ruled.ms ? usual : best.kernel
}

function row({ ladder, params, shapes, count }: Case, trials: readonly Trial[], usual: Kernel, winner: Kernel): string {
  const cell = ({ kernel, ms }: Trial): string =>
    labelOf(kernel).replace(/^.*\//, '') +
    (ms === undefined ? ' !' : ` ${ms.toFixed(3)}${kernel === winner ? '*' : kernel === usual ? '=' : ''}`)
  return `${ladder.name.padEnd(24)}${describeCase({ params, shapes }).padEnd(40)}${`${count}`.padStart(3)}  ${trials.map(cell).join('   ')}`
}

/** Shapes for the reader: `8x64x56x56 -> 64, 3x3 /2 dilated 2`, `32 of 24x144 by 144x24`, or those of the tensors. */
export function describeCase({ params: p, shapes }: Pick<Case, 'params' | 'shapes'>): string {
  if ('dilation' in p) {
    return (
      `${[p.N, p.C, p.H, p.W].join('x')} -> ${p.K}, ` +
      `${p.R}x${p.S}${p.stride! > 1 ? ` /${p.stride}` : ''}${p.dilation! > 1 ? ` dilated ${p.dilation}` : ''}` +
      (p.AFFINE ? (p.AFFINE === 2 ? ' + norm' : ' + bias') : '') +
      (p.RELU ? ' + relu' : '')
    )
  }
  if ('TA' in p)
    return `${p.batch! > 1 ? `${p.batch} of ` : ''}${p.M}x${p.K}${p.TA ? 'ᵀ' : ''} by ${p.K}x${p.N}${p.TB ? 'ᵀ' : ''}`
  if ('axis' in p) return `${p.outer} x ${p.axis} x ${p.inner} along the middle`
  return Object.values(shapes)[0]!.join('x')
}

// ---- measuring
// -----------------------------------------------------------------------------------------------------------------

/**
 * Runs every rung that fits on the same data, checks it against rung 1, and times those that are right, taking turns.
 */
export async function measure(c: Case, { rounds = 5, slowMs = 50 } = {}): Promise<Trial[]> {
  const tensors = inputsFor(c)
  const list = rungsThatFit(c.ladder, c.params)
  const run = (kernel: Kernel) => () => {
    launch(kernel, tensors, c.params)
  }
  const outputs = variant(list[0]!, c.params)
    .info.bindings.filter(b => b.access === 'read_write')
    .map(b => tensors[b.name]!)
  const results = async () => {
    const all: Float32Array[] = []
    for (const t of outputs) all.push(await read(t))
    return all
  }
  try {
    let reference: Float32Array[] | undefined
    const best = new Map<Kernel, number>()
    for (const kernel of list) {
      // What a rung leaves out must not be there from the one before.
      for (const y of outputs) write(y, new Float32Array(y.size).fill(NaN))
      const ms = await gpuMilliseconds(run(kernel))
      const result = await results()
      reference ??= result
      if (result.every((r, i) => distance(r, reference![i]!) <= (kernel.tolerance ?? TOLERANCE))) best.set(kernel, ms)
    }
    // What is over in an instant is run more often: its times scatter most.
    for (let round = 0; round < Math.max(rounds, Math.min(5 * rounds, 4 / Math.min(...best.values()))); round++) {
      const leader = Math.min(...best.values())
      for (const [kernel, ms] of best) {
        if (round && (ms > 2 * leader || ms > slowMs)) continue
        best.set(kernel, Math.min(ms, await gpuMilliseconds(run(kernel))))
      }
    }
    return list.map(kernel => ({ kernel, ms: best.get(kernel) }))
  } finally {
    for (const t of Object.values(tensors)) release(t)
  }
}

/**
 * Numbers in -1..1, variances in 0.5..1.5. One block of noise is repeated: drawing billions of numbers would take
 * minutes.
 */
function inputsFor({ shapes }: Case): Record<string, Tensor> {
  const random = new Random(1)
  const noise = Float32Array.from({ length: 65521 }, () => random.uniform(-1, 1)) // a prime: no axis divides it
  return Object.fromEntries(
    Object.entries(shapes).map(([name, shape]) => {
      const data = new Float32Array(sizeOf(shape))
      for (let at = 0; at < data.length; at += noise.length) data.set(noise.subarray(0, data.length - at), at)
      if (name.includes('var')) for (let i = 0; i < data.length; i++) data[i] = 1 + data[i]! / 2
      return [name, persistent(shape, data)]
    }),
  )
}

/** |a - b| / |b|. */
function distance(a: Float32Array, b: Float32Array): number {
  let difference = 0
  let size = 0
  for (let i = 0; i < b.length; i++) {
    difference += (a[i]! - b[i]!) ** 2
    size += b[i]! ** 2
  }
  return size ? Math.sqrt(difference / size) : Math.sqrt(difference)
}

/** Milliseconds of what `body` launches: by timestamps of the GPU where it has them, else by the clock of the host. */
export async function gpuMilliseconds(body: () => void): Promise<number> {
  await finish()
  if (adapterInfo.features.includes('timestamp-query')) {
    const rows = await withProfiler(async () => {
      body()
      await finish()
    })
    return [...rows.values()].reduce((sum, { ns }) => sum + ns, 0) / 1e6
  }
  const start = performance.now()
  body()
  await finish()
  return performance.now() - start
}

// ---- choices of a run
// ----------------------------------------------------------------------------------------------------------

let frozen = false

/** All picks of this process. */
export function choices(): Choices {
  const all: Record<string, Record<string, string>> = {}
  for (const [key, kernel] of picks) {
    const { name } = declaredLadders().find(l => l.rungs.includes(kernel))!
    ;(all[name] ??= {})[key.slice(name.length + 1)] = labelOf(kernel)
  }
  return all
}

/**
 * Takes these rungs from now on and measures nothing more: a run that is resumed or repeated gives the same bits.
 * Returns what this version or adapter does not have; there the rules choose.
 */
export function useChoices(given: Choices): string[] {
  frozen = true
  const missing: string[] = []
  for (const [name, byParams] of Object.entries(given)) {
    const ladder = declaredLadders().find(l => l.name === name)
    for (const [text, label] of Object.entries(byParams)) {
      const params = JSON.parse(text) as Params
      const kernel = ladder && rungsThatFit(ladder, params).find(k => labelOf(k) === label)
      if (kernel) pick(ladder, params, kernel)
      else missing.push(`${label} for ${name} ${text}`)
    }
  }
  return missing
}

/** For tests: forgets all picks. */
export function forgetChoices(): void {
  frozen = false
  picks.clear()
}

// ---- the cache
// -----------------------------------------------------------------------------------------------------------------

type ByParams = Record<string, string>
/** Adapter with its driver -> ladder with a digest of its shaders -> params -> rung. */
type CacheFile = Record<string, Record<string, ByParams>>

const PLACE = 'tasn-webgpu-tuned'

/**
 * The cache's file: TUNE_CACHE, or tasn-webgpu/tuned.json in the user's folder for caches. In a browser the local
 * storage.
 */
export async function cacheFile(): Promise<string | undefined> {
  if (typeof process === 'undefined') return undefined
  const { join } = await import('node:path')
  const { homedir } = await import('node:os')
  return env('TUNE_CACHE') ?? join(env('XDG_CACHE_HOME') ?? join(homedir(), '.cache'), 'tasn-webgpu', 'tuned.json')
}

async function openCache(): Promise<{ of(l: Ladder): Promise<ByParams>; save(): Promise<void> }> {
  const file = await cacheFile()
  const { vendor, architecture, device, description } = adapterInfo
  const adapter = [vendor, architecture, device, description].join(' | ')
  const digests = new Map<Ladder, string>()
  const mine = (await load(file))[adapter] ?? {}
  return {
    async of(l) {
      let digest = digests.get(l)
      if (!digest) {
        const bytes = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(ladderText(l))))
        digests.set(l, (digest = [...bytes.slice(0, 8)].map(b => b.toString(16).padStart(2, '0')).join('')))
      }
      return (mine[`${l.name} ${digest}`] ??= {})
    },
    async save() {
      const all = await load(file)
      const before = all[adapter] ?? {} // another process may have written meanwhile
      all[adapter] = Object.fromEntries(
        [...Object.keys(before), ...Object.keys(mine)].map(key => [key, { ...before[key], ...mine[key] }]),
      )
      await store(file, all)
    },
  }
}

/** A cache that cannot be read is an empty one: it only costs the measuring again. */
async function load(file: string | undefined): Promise<CacheFile> {
  try {
    const text =
      file === undefined ? localStorage.getItem(PLACE) : await (await import('node:fs/promises')).readFile(file, 'utf8')
    const value: unknown = JSON.parse(text ?? '{}')
    return value !== null && typeof value === 'object' && !Array.isArray(value) ? (value as CacheFile) : {}
  } catch {
    return {}
  }
}

async function store(file: string | undefined, all: CacheFile): Promise<void> {
  const text = JSON.stringify(all, null, 1)
  try {
    if (file === undefined) {
      localStorage.setItem(PLACE, text)
      return
    }
    const { mkdir, rename, writeFile } = await import('node:fs/promises')
    const { dirname } = await import('node:path')
    await mkdir(dirname(file), { recursive: true })
    await writeFile(`${file}.${process.pid}.part`, text)
    await rename(`${file}.${process.pid}.part`, file)
  } catch (error) {
    console.warn(
      `warning: the tuner's results cannot be kept in ${file ?? 'the local storage'} ` +
        `(${(error as Error).message}); they will be measured again`,
    )
  }
}
