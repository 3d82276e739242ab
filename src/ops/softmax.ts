/** Softmax and its logarithm over any one axis. */
import { empty, launch } from '../engine/launch.ts'
import { record } from '../engine/tape.ts'
import { check, sizeOf, type Tensor } from '../engine/tensor.ts'
import { ladder } from '../gpu/kernel.ts'
import { spread } from '../gpu/params.ts'

type View = Record<'LOG' | 'outer' | 'axis' | 'inner' | 'scale', number>
const rows = ({ outer, inner }: View): number => outer * inner
/** A workgroup each pays when rows are long and few. */
const longRows = (p: View): boolean => p.axis >= 128 && rows(p) <= 65536
const each = { grid: (p: View) => spread(rows(p)), on: 'gpu', pays: longRows } as const
/** Workgroups of so many lanes, whose subgroups may have any size that there is. */
const bySubgroups = (WG: number) => ({ ...each, consts: { WG }, needs: { subgroup: 4 } }) as const
const veryLong = (p: View): boolean => longRows(p) && p.axis >= 2048
const text = ({ outer, axis, inner }: View): string => `${outer} x ${axis} x ${inner} along the middle`

const forward = ladder<View>(
  'softmax',
  [
    { name: 'naive', file: 'softmax/1_naive.wgsl', grid: rows },
    { name: 'workgroup', file: 'softmax/2_workgroup.wgsl', ...each },
    { name: 'subgroups 64', file: 'softmax/3_subgroups.wgsl', ...bySubgroups(64) },
    { name: 'subgroups 256', file: 'softmax/3_subgroups.wgsl', ...bySubgroups(256), pays: veryLong },
  ],
  { text },
)
const backward = ladder<View>(
  'softmax backward',
  [
    { name: 'naive', file: 'softmax/backward/1_naive.wgsl', grid: rows },
    { name: 'workgroup', file: 'softmax/backward/2_workgroup.wgsl', ...each },
    { name: 'subgroups 64', file: 'softmax/backward/3_subgroups.wgsl', ...bySubgroups(64) },
    { name: 'subgroups 256', file: 'softmax/backward/3_subgroups.wgsl', ...bySubgroups(256), pays: veryLong },
  ],
  { text },
)

/**
 * y = exp(z) / sum of exp(z) along `axis` (the last by default), z = scale * x; a scale is 1 over a temperature.
 * dx = scale * y * (dy - sum of dy * y).
 */
export const softmax = (x: Tensor, axis = x.shape.length - 1, scale = 1): Tensor => either('softmax', 0, x, axis, scale)

/** y = x - log of the sum of exp(x) along `axis` (the last by default).      dx = dy - exp(y) * sum of dy. */
export const logSoftmax = (x: Tensor, axis = x.shape.length - 1): Tensor => either('logSoftmax', 1, x, axis, 1)

function either(name: string, LOG: number, x: Tensor, axis: number, scale: number): Tensor {
  const length = x.shape[axis]
  check(length !== undefined, () => `${name}: ${axis} is not an axis of the shape [${x.shape}]`)
  const [outer, inner] = [x.shape.slice(0, axis), x.shape.slice(axis + 1)].map(sizeOf) as [number, number]
  const params = { LOG, outer, axis: length, inner, scale }
  const y = empty(x.shape)
  launch(forward, { x, y }, params)

  return record(name, y, [x], dy => {
    const dx = empty(x.shape)
    launch(backward, { y, dy, dx }, params)
    return [dx]
  })
}
