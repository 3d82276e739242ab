/** Reductions over any axes: sum, mean, max. The reduced axes disappear; when all are reduced, one element is left. */
import { empty, launch } from '../engine/launch.ts'
import { record } from '../engine/tape.ts'
import { check, sizeOf, type Tensor } from '../engine/tensor.ts'
import { kernel, ladder, strips } from '../gpu/kernel.ts'
import { spread } from '../gpu/params.ts'

/** x seen as (outer, axis, inner), of which the axis in the middle disappears. */
type View = Record<'outer' | 'axis' | 'inner', number>
type Reduction = View & Record<'OP' | 'scale', number>

const outputs = ({ outer, inner }: View): number => outer * inner
/** A workgroup each pays when the axis is long and outputs are few. */
const fewAndLong = (p: View): boolean => p.axis >= 128 && outputs(p) <= 4096
const veryLong = (p: View): boolean => fewAndLong(p) && p.axis >= 2048
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
  { text: ({ outer, axis, inner }) => `${outer} x ${axis} x ${inner} along the middle` },
)
const spreadBackward = strips<View & { scale: number }>('reduce/spread.wgsl', p => outputs(p) * p.axis)
const maxBackward = kernel<View>('reduce/max_backward.wgsl', outputs)

const SUM = 0
const MAX = 1

/** y = x summed over `axes` (all by default).      dx = dy, repeated along the summed axes. */
export const sum = (x: Tensor, axes?: readonly number[]): Tensor =>
  overRuns('sum', x, axes, (x, run) => sumRun(x, run, 1))

/** y = x averaged over `axes` (all by default).      dx = dy / count, repeated along the averaged axes. */
export const mean = (x: Tensor, axes?: readonly number[]): Tensor =>
  overRuns('mean', x, axes, (x, run) => sumRun(x, run, 1 / sizeOf(x.shape.slice(run.from, run.to))))

/**
 * y = the largest x along `axes` (all by default), NaN where one of them is.      dx = dy at the first largest element
 * (the first NaN), else 0.
 */
export const max = (x: Tensor, axes?: readonly number[]): Tensor =>
  overRuns('max', x, axes, (x, run) => {
    const { params, shape } = view(x, run)
    const y = empty(shape)
    launch(forward, { x, y }, { OP: MAX, ...params })

    return record('max', y, [x], dy => {
      const dx = empty(x.shape)
      launch(maxBackward, { x, y, dy, dx }, params)
      return [dx]
    })
  })

function sumRun(x: Tensor, run: Run, scale: number): Tensor {
  const { params, shape } = view(x, run, scale)
  const y = empty(shape)
  const { outer, axis } = params
  const parts = partsOf(params)
  if (parts === 1) launch(forward, { x, y }, { OP: SUM, ...params })
  else {
    const partial = empty([outer, parts])
    launch(forward, { x, y: partial }, { OP: SUM, outer: outer * parts, axis: axis / parts, inner: 1, scale: 1 })
    launch(forward, { x: partial, y }, { OP: SUM, outer, axis: parts, inner: 1, scale })
  }

  return record('sum', y, [x], dy => {
    const dx = empty(x.shape)
    launch(spreadBackward, { dy, dx }, params)
    return [dx]
  })
}

/** A long axis with few outputs is summed in parts first, so that all of the machine has work. */
function partsOf({ outer, axis, inner }: { outer: number; axis: number; inner: number }): number {
  if (inner !== 1 || outer >= 64 || axis < 16384) return 1
  for (let parts = 1024; parts >= 16; parts--) if (axis % parts === 0) return parts
  return 1
}

/** Neighbouring axes from..to-1, which one launch can reduce as if they were one. */
interface Run {
  readonly from: number
  readonly to: number
}

function view(x: Tensor, { from, to }: Run, scale = 1) {
  const before = x.shape.slice(0, from)
  const after = x.shape.slice(to)
  const shape = [...before, ...after]
  const params = { outer: sizeOf(before), axis: sizeOf(x.shape.slice(from, to)), inner: sizeOf(after), scale }
  return { params, shape: shape.length ? shape : [1] }
}

/** Splits the axes into runs of neighbours and reduces them from the last to the first, so that numbers stay valid. */
function overRuns(
  name: string,
  x: Tensor,
  axes: readonly number[] = x.shape.map((_, i) => i),
  one: (x: Tensor, run: Run) => Tensor,
): Tensor {
  const sorted = [...new Set(axes)].sort((a, b) => b - a)
  check(
    sorted.length > 0 && sorted.every(a => Number.isInteger(a) && a >= 0 && a < x.shape.length),
    () => `${name}: axes [${axes}] are not axes of the shape [${x.shape}]`,
  )
  let y = x
  for (let i = 0; i < sorted.length; ) {
    const to = sorted[i]! + 1
    let from = sorted[i]!
    while (sorted[++i] === from - 1) from--
    y = one(y, { from, to })
  }
  return y
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
