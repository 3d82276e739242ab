/** launch(): the one call through which every op reaches the GPU. Behind it, work is run at once or written down. */
import type { Grid, Ladder, Params, Rung } from '../gpu/kernel.ts'
import { choose, isFree } from '../gpu/ladder.ts'
import { gridOf } from '../gpu/params.ts'
import { type Variant, variant } from '../gpu/variant.ts'
import { eager } from './eager.ts'
import { alignedBytes, type DType, type Shape, type Storage, sizeOf, Tensor } from './tensor.ts'

/** One dispatch: tensors and numbers by their WGSL names. */
export interface Launch {
  readonly ladder: Ladder
  /** The rung of the ladder that runs. */
  readonly rung: Rung
  readonly variant: Variant
  readonly tensors: Readonly<Record<string, Tensor>>
  readonly params: Params
  readonly grid: Grid
  /** True if another rung may take its place: nobody asked for this one. */
  readonly free: boolean
}

/** The receiver of all work. There are two: `eager` runs it at once, a Plan (plan.ts) writes it down. */
export interface Executor {
  allocate(bytes: number): Storage
  launch(launch: Launch): void
  /** True if join() takes this tensor. */
  canJoin(t: Tensor): boolean
  /** Tensors side by side in one block (row.ts), which may be bound as long as it has no more bytes than `most`. */
  join(parts: readonly Tensor[]): Storage
  readonly most: () => number
  /** So many bytes of a tensor from a place on, as a block without memory of its own; undefined where it copies. */
  stretch(of: Tensor, at: number, bytes: number): Storage | undefined
}

/** Launches after every launch, and a verdict before every read: additions of the debug switches (debug.ts). */
export const hooks: {
  afterLaunch?: (l: Launch) => readonly Launch[]
  beforeRead?: () => Promise<void>
  /** A recorded launch has moved to another rung. */
  afterMove?: (l: Launch) => void
} = {}

/** Shows every launch to `look`, until the returned function is called. What the debug switches do goes on. */
export function watchLaunches(look: (l: Launch) => void): () => void {
  const before = hooks.afterLaunch
  hooks.afterLaunch = l => {
    look(l)
    return before?.(l) ?? []
  }
  return () => {
    if (before) hooks.afterLaunch = before
    else delete hooks.afterLaunch
  }
}

let executor: Executor = eager

/** Runs `body` with another executor. */
export function withExecutor<T>(other: Executor, body: () => T): T {
  const before = executor
  executor = other
  try {
    return body()
  } finally {
    executor = before
  }
}

/** True while launches are written down, and not run. */
export const isRecordingPlan = (): boolean => executor !== eager

/** An uninitialised tensor that lives until the end of the current scope(). Its maker writes every element. */
export const empty = (shape: Shape, dtype: DType = 'f32'): Tensor =>
  new Tensor(shape, executor.allocate(4 * sizeOf(shape)), dtype)

/** True if joined() takes this tensor, and the most bytes that it makes one of. */
export const canJoin = (t: Tensor): boolean => executor.canJoin(t)
export const mostToJoin = (): number => executor.most()

/** One tensor over all of these, which it lays side by side: row.ts. */
export function joined(parts: readonly Tensor[]): Tensor {
  const storage = executor.join(parts)
  return new Tensor([storage.bytes / 4], storage)
}

/** Elements from..to of x as a tensor of this shape that shares its memory; undefined where they must be copied. */
export function stretch(x: Tensor, from: number, shape: Shape): Tensor | undefined {
  const at = 4 * from
  const storage = at === alignedBytes(at) ? executor.stretch(x, at, 4 * sizeOf(shape)) : undefined
  return storage && new Tensor(shape, storage, x.dtype)
}

/**
 * Runs the best-suited rung of a ladder over tensors and numbers given by their WGSL names.
 * @throws with the shader's file: on a tensor that is missing, that the shader lacks or that holds another type, and on
 *   a number that is missing.
 */
export function launch<P extends Params>(ladder: Ladder<P>, tensors: Launch['tensors'], params: NoInfer<P>): void {
  const l = prepare(ladder, tensors, params)
  executor.launch(l)
  for (const extra of hooks.afterLaunch?.(l) ?? []) executor.launch(extra)
}

/** Runs one rung of a ladder, to measure it. The debug switches do not see it: such launches are not the user's. */
export function launchRung(ladder: Ladder, rung: Rung, tensors: Launch['tensors'], params: Params): void {
  executor.launch(prepare(ladder, tensors, params, rung))
}

/** The launch on the rung that is chosen now, or on the one that is given, checked, and not run. */
export function prepare<P extends Params>(
  ladder: Ladder<P>,
  tensors: Launch['tensors'],
  params: P,
  rung = choose(ladder, params) as unknown as Rung,
): Launch {
  const v = variant(rung, params)
  checkBindings(v, tensors)
  const anyLadder = ladder as unknown as Ladder
  return {
    ladder: anyLadder,
    rung,
    variant: v,
    tensors,
    params,
    grid: gridOf(rung, v, params),
    free: isFree(anyLadder),
  }
}

/** The launch on the rung that is chosen now: the tuner may have learnt something since. */
export function rechosen(l: Launch): Launch {
  if (!l.free) return l
  const rung = choose(l.ladder, l.params)
  if (rung === l.rung) return l
  const moved = prepare(l.ladder, l.tensors, l.params, rung)
  hooks.afterMove?.(moved)
  return moved
}

function checkBindings({ file, info }: Variant, tensors: Launch['tensors']): void {
  const bindings = info.bindings.filter(b => b.access !== 'uniform')
  const names = bindings.map(b => b.name)
  const given = Object.keys(tensors)
  if (names.length !== given.length || !names.every(n => n in tensors)) {
    throw new Error(`${file} binds ${names.join(', ')}; given: ${given.join(', ')}`)
  }
  for (const { name, dtype } of bindings) {
    const t = tensors[name]!
    if (t.dtype === dtype) continue
    throw new Error(`${file}: ${name} must hold ${dtype}, the tensor of shape [${t.shape}] holds ${t.dtype}`)
  }
}
