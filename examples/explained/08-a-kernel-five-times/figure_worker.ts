/** The figure's half in the worker: who owns and loads what in each rung, and how long each takes on this adapter. */
import { eager, scope } from '../../../src/engine/eager.ts'
import { empty, type Launch, launchRung, prepare } from '../../../src/engine/launch.ts'
import { Random } from '../../../src/engine/random.ts'
import type { Tensor } from '../../../src/engine/tensor.ts'
import { persistent, readAll, release } from '../../../src/engine/transfer.ts'
import { machineClocks } from '../../../src/engine/tune/clocks.ts'
import { race } from '../../../src/engine/tune/race.ts'
import { Stopwatch } from '../../../src/engine/tune/stopwatch.ts'
import { rungNamed } from '../../../src/gpu/kernel.ts'
import { choose, lacking } from '../../../src/gpu/ladder.ts'
import type { Variant } from '../../../src/gpu/variant.ts'
import { forward } from '../../../src/ops/conv2d_ladders.ts'
import { conv2dShape } from '../../../src/ops/conv2d_shape.ts'
import type { Handlers } from '../../browser/panel.ts'
import { asked, QUESTIONS, ROW } from './instrument.ts'

/** The chapter's five of the ladder's rungs, by their names there. */
export const RUNGS = ['naive', 'register', 'subgroup', 'workgroup', 'rows 16'] as const
export type RungName = (typeof RUNGS)[number]

/** One image of `size` x `size`, 3x3 filters, stride 1, padding 1. */
export interface Options {
  readonly channels: number
  readonly filters: number
  readonly size: 8 | 16 | 32
}

/** A rung's invocations: their outputs and loads. */
export interface Owned {
  readonly rung: RungName
  readonly file: string
  /** Lanes of a workgroup. */
  readonly lanes: number
  readonly workgroups: number
  /** The invocation that stores each element of y (filters, size²): lane + lanes * workgroup. */
  readonly owners: Float32Array
  /** The loads of x, of w and from workgroup memory that the owner of each element of y has made. */
  readonly x: Float32Array
  readonly w: Float32Array
  readonly shared: Float32Array
  /** Loads from memory of all owners together, for one product of the convolution. */
  readonly perProduct: number
}

/** How a rung does on this adapter. */
export interface Raced {
  readonly rung: RungName
  /** Why it cannot run here. */
  readonly lacks?: string
  /** Milliseconds; missing where no clock can tell. */
  readonly ms?: number
  /** Largest difference from the naive rung's results, as a share of the largest of them. */
  readonly offBy?: number
}

export interface Race {
  readonly rungs: readonly Raced[]
  readonly flop: number
  /** The rung that the op takes here, if it does not go by Winograd's algorithm. */
  readonly taken: string
}

const paramsOf = ({ channels, filters, size }: Options) => ({
  ...conv2dShape([1, channels, size, size], [filters, channels, 3, 3], { padding: 1 }),
  ...{ AFFINE: 0, RESIDUAL: 0, RELU: 0, EPS: 1e-5 },
})

/** x, w and y, with w where nothing is looked at. */
function tensorsFor({ channels, filters, size }: Options): Record<string, Tensor> {
  const random = new Random(1)
  const noise = (...shape: number[]): Tensor => {
    const n = shape.reduce((a, b) => a * b)
    return persistent(
      shape,
      Float32Array.from({ length: n }, () => random.uniform(-1, 1)),
    )
  }
  const [x, w] = [noise(1, channels, size, size), noise(filters, channels, 3, 3)]
  return { x, w, mean: w, variance: w, gamma: w, beta: w, residual: w, y: persistent([1, filters, size, size]) }
}

async function within<T>(options: Options, body: (tensors: Record<string, Tensor>) => Promise<T>): Promise<T> {
  const tensors = tensorsFor(options)
  try {
    return await body(tensors)
  } finally {
    for (const name of ['x', 'w', 'y']) release(tensors[name]!)
  }
}

/** Shaders that answer questions, by the shader that they were. */
const askedOf = new WeakMap<Variant, Variant[]>()

function askingLaunches(l: Launch): Launch[] {
  const { variant } = l
  if (!askedOf.has(variant)) {
    const made = QUESTIONS.map(q => ({ ...variant, code: asked(variant.code, q), pipeline: undefined }))
    askedOf.set(variant, made)
  }
  return askedOf.get(variant)!.map(v => ({ ...l, variant: v }))
}

/** Numbers workgroups of a grid without gaps. */
function inOneRow(who: number, lanes: number, across: number): number {
  const group = Math.floor(who / lanes)
  return (who % lanes) + lanes * ((group % ROW) + across * Math.floor(group / ROW))
}

/** Runs the rung's shader with its results replaced by answers: who stores each element, and after how many loads. */
export async function owned({ rung: name, ...options }: Options & { rung: RungName }): Promise<Owned> {
  const rung = rungNamed(forward as never, name)
  const params = paramsOf(options)
  return within(options, async tensors => {
    const plain = prepare(forward as never, tensors, params as never, rung)
    const answers = scope(() =>
      askingLaunches(plain).map(l => {
        const y = empty(tensors.y!.shape)
        eager.launch({ ...l, tensors: { ...tensors, y } })
        return y
      }),
    )
    const read = await readAll(answers).finally(() => answers.forEach(release))
    const [who, x, w, shared] = read as [Float32Array, Float32Array, Float32Array, Float32Array]
    const lanes = plain.variant.info.workgroup[0]
    const owners = name === 'naive' ? who : who.map(n => inOneRow(n, lanes, plain.grid[0]))
    const loads = new Map<number, number>()
    for (const [i, who] of owners.entries()) loads.set(who, x[i]! + w[i]!)
    const all = [...loads.values()].reduce((a, b) => a + b)
    return {
      rung: name,
      file: rung.file,
      lanes,
      workgroups: plain.grid.reduce((a, b) => a * b),
      owners,
      x,
      w,
      shared,
      perProduct: all / (owners.length * 9 * options.channels),
    }
  })
}

const most = (v: Float32Array): number => v.reduce((m, e) => Math.max(m, Math.abs(e)), 0)

/** Runs the five rungs as they are: how long each takes, in turns, and how far its result is from the first one's. */
export async function raced(options: Options): Promise<Race> {
  const params = paramsOf(options)
  return within(options, async tensors => {
    const rungs = RUNGS.map(name => rungNamed(forward as never, name))
    const able = rungs.filter(rung => !lacking(rung))
    const results = scope(() =>
      able.map(rung => {
        const y = empty(tensors.y!.shape)
        launchRung(forward as never, rung, { ...tensors, y }, params)
        return y
      }),
    )
    const read = (await readAll(results).finally(() => results.forEach(release))) as Float32Array[]
    const times = await race(
      able.map(rung => prepare(forward as never, tensors, params as never, rung)),
      new Stopwatch(machineClocks),
    )
    return {
      flop: forward.flop!(params),
      taken: choose(forward, params).name,
      rungs: rungs.map((rung, i) => {
        const at = able.indexOf(rung)
        const lacks = lacking(rung)
        const ms = times?.[at]?.ms
        if (lacks) return { rung: RUNGS[i]!, lacks }
        const offBy = most(read[at]!.map((v, j) => v - read[0]![j]!)) / most(read[0]!)
        return { rung: RUNGS[i]!, offBy, ...(ms !== undefined && { ms }) }
      }),
    }
  })
}

export const handlers: Handlers = { owned, raced }
