/** Reductions over any axes: sum, mean, max. The reduced axes disappear; when all are reduced, one element is left. */
import { empty, launch } from '../engine/launch.ts'
import { record } from '../engine/tape.ts'
import { check, sizeOf, type Tensor } from '../engine/tensor.ts'
import { kernel, ladder, strips } from '../gpu/kernel.ts'
import { spread } from '../gpu/params.ts'

/**
 * x seen as (repeat, outer, axis, inner), of which the first and the third axis disappear. `jump` is the distance from
 * one repetition to the next.
 */
type View = Record<'outer' | 'axis' | 'inner' | 'repeat' | 'jump', number>
type Reduction = View & Record<'OP' | 'scale', number>

const outputs = ({ outer, inner }: View): number => outer * inner
/** A workgroup each pays when the axis is long and outputs are few. */
const fewAndLong = (p: View): boolean => p.axis >= 32 && p.axis * p.repeat >= 128 && outputs(p) <= 4096
const veryLong = (p: View): boolean => fewAndLong(p) && p.axis * p.repeat >= 2048
const each = { grid: (p: View) => spread(outputs(p)), on: 'gpu' } as const
/** Workgroups of so many lanes, whose subgroups may have any size that there is. */
const bySubgroups = (WG: number) => ({ consts: { WG }, needs: { subgroup: 4 } }) as const

const forward = ladder<Reduction>(
  'reduce',
  [
    { name: 'naive', file: 'reduce/1_naive.wgsl', grid: outputs },
    { name: 'workgroup', file: 'reduce/2_workgroup.wgsl', ...each, pays: fewAndLong },
    { name: 'subgroups 64', file: 'reduce/4_subgroups.wgsl', ...each, pays: fewAndLong, ...bySubgroups(64) },
    { name: 'subgroups 256', file: 'reduce/4_subgroups.wgsl', ...each, pays: veryLong, ...bySubgroups(256) },
    {
      name: 'subgroup',
      file: 'reduce/3_subgroup.wgsl',
      grid: p => 8 * outputs(p),
      needs: { subgroup: 8 },
      right: p => p.inner === 1,
      on: 'cpu',
      pays: p => outputs(p) < 64 && p.axis >= 64,
    },
  ],
  {
    text: ({ outer, axis, inner, repeat }) =>
      repeat > 1
        ? `${repeat} x ${outer} x ${axis} x ${inner} along the first and third`
        : `${outer} x ${axis} x ${inner} along the middle`,
  },
)
const spreadBackward = strips<View & { scale: number }>('reduce/spread.wgsl', p => p.repeat * outputs(p) * p.axis)
const maxBackward = kernel<View>('reduce/max_backward.wgsl', outputs)

const SUM = 0
const MAX = 1

/** y = x summed over `axes` (all by default).      dx = dy, repeated along the summed axes. */
export const sum = (x: Tensor, axes?: readonly number[]): Tensor => sumOver('sum', x, axes, () => 1)

/** y = x averaged over `axes` (all by default).      dx = dy / count, repeated along the averaged axes. */
export const mean = (x: Tensor, axes?: readonly number[]): Tensor => sumOver('mean', x, axes, count => 1 / count)

function sumOver(
  name: string,
  x: Tensor,
  axes: readonly number[] | undefined,
  scale: (count: number) => number,
): Tensor {
  const runs = runsOf(name, x, axes)
  const count = ({ from, to }: Run): number => sizeOf(x.shape.slice(from, to))
  // Channels are summed over images and places by one launch.
  const [last, first] = runs
  if (runs.length === 2 && first!.from === 0) return sumRun(x, last!, scale(count(last!) * count(first!)), first)
  return runs.reduce((y, run) => sumRun(y, run, scale(count(run))), x)
}

/**
 * y = the largest x along `axes` (all by default), NaN where one of them is.      dx = dy at the first largest element
 * (the first NaN), else 0.
 */
export const max = (x: Tensor, axes?: readonly number[]): Tensor =>
  runsOf('max', x, axes).reduce((x, run) => {
    const { params, shape } = view(x, run)
    const y = empty(shape)
    launch(forward, { x, y }, { OP: MAX, ...params })

    return record('max', y, [x], dy => {
      const dx = empty(x.shape)
      launch(maxBackward, { x, y, dy, dx }, params)
      return [dx]
    })
  }, x)

/** x summed over a run and, if given, over the run of the first axes as well. */
function sumRun(x: Tensor, run: Run, scale: number, first?: Run): Tensor {
  const { params, shape } = view(x, run, scale, first)
  const y = empty(shape)
  const { outer, axis } = params
  const parts = partsOf(params)
  if (parts === 1) launch(forward, { x, y }, { OP: SUM, ...params })
  else {
    const partial = empty([outer, parts])
    const one = { OP: SUM, inner: 1, repeat: 1, jump: 0 }
    launch(forward, { x, y: partial }, { ...one, outer: outer * parts, axis: axis / parts, scale: 1 })
    launch(forward, { x: partial, y }, { ...one, outer, axis: parts, scale })
  }

  return record('sum', y, [x], dy => {
    const dx = empty(x.shape)
    launch(spreadBackward, { dy, dx }, params)
    return [dx]
  })
}

/** A long axis with few outputs is summed in parts first, so that all of the machine has work. */
function partsOf({ outer, axis, inner, repeat }: View): number {
  if (repeat !== 1 || inner !== 1 || outer >= 64 || axis < 16384) return 1
  for (let parts = 1024; parts >= 16; parts--) if (axis % parts === 0) return parts
  return 1
}

/** Neighbouring axes from..to-1, which one launch can reduce as if they were one. */
interface Run {
  readonly from: number
  readonly to: number
}

function view(x: Tensor, { from, to }: Run, scale = 1, first: Run = { from: 0, to: 0 }) {
  const before = x.shape.slice(first.to, from)
  const axis = sizeOf(x.shape.slice(from, to))
  const after = x.shape.slice(to)
  const [outer, inner, repeat] = [before, after, x.shape.slice(0, first.to)].map(sizeOf) as [number, number, number]
  const shape = [...before, ...after]
  const params = { outer, axis, inner, repeat, jump: outer * axis * inner, scale }
  return { params, shape: shape.length ? shape : [1] }
}

/** The runs of neighbours among the axes, the last one first, so that reducing one leaves the others' numbers valid. */
function runsOf(name: string, x: Tensor, axes: readonly number[] = x.shape.map((_, i) => i)): Run[] {
  const sorted = [...new Set(axes)].sort((a, b) => b - a)
  check(
    sorted.length > 0 && sorted.every(a => Number.isInteger(a) && a >= 0 && a < x.shape.length),
    () => `${name}: axes [${axes}] are not axes of the shape [${x.shape}]`,
  )
  const runs: Run[] = []
  for (let i = 0; i < sorted.length; ) {
    const to = sorted[i]! + 1
    let from = sorted[i]!
    while (sorted[++i] === from - 1) from--
    runs.push({ from, to })
  }
  return runs
}

const runningSum = kernel<Record<'REVERSE' | 'rows' | 'L', number>>('reduce/cumsum.wgsl', p => p.rows)

/** y[...,k] = x[...,0] + ... + x[...,k] along the last axis.      dx = the same sum of dy, from the other end. */
export const cumsum = (x: Tensor): Tensor => cumsumFrom(x, 0)

function cumsumFrom(x: Tensor, REVERSE: 0 | 1): Tensor {
  const y = empty(x.shape)
  const L = x.shape.at(-1)!
  launch(runningSum, { x, y }, { REVERSE, rows: x.size / L, L })

  return record('cumsum', y, [x], dy => [cumsumFrom(dy, REVERSE ? 0 : 1)])
}
