/** Polygons with the exact area of every pixel that they cover. */
import type { Colour } from './colour.ts'
import type { Layer } from './layer.ts'
import type { Point } from './outlines.ts'

/** Signed heights for one size of layer, all zero between two polygons. Kept, so that a polygon allocates nothing. */
const scratch = { size: 0, sums: new Float32Array(0) }

/** A range of pixels, ends included. */
interface Extent {
  left: number
  right: number
  top: number
  bottom: number
}

/**
 * Fills a polygon, closed from its last point to its first. Each edge adds, in every pixel row that it crosses, the
 * area between itself and the row's right end. A running sum along the row then is the covered area of every pixel.
 */
export function fillPolygon(on: Layer, points: readonly Point[], colour: Colour, opacity = 1): void {
  const { size } = on
  const stride = size + 2
  if (scratch.size !== size) Object.assign(scratch, { size, sums: new Float32Array(stride * size) })
  const { sums } = scratch
  const extent = { left: size, right: -1, top: size, bottom: -1 }
  for (let k = 0; k < points.length; k++) {
    const a = points[k]!
    const b = points[k + 1 < points.length ? k + 1 : 0]!
    addEdge(sums, size, a, b, extent)
  }
  const left = Math.max(0, extent.left)
  const right = Math.min(size - 1, extent.right + 1)
  for (let y = extent.top; y <= extent.bottom; y++) {
    let sum = 0
    for (let x = left; x <= right; x++) {
      sum += sums[y * stride + x]!
      const a = Math.min(1, Math.abs(sum)) * opacity
      if (a > 0.001) blend(on, y * size + x, colour, a)
    }
    sums.fill(0, y * stride + left, y * stride + Math.min(stride, right + 3))
  }
}

/** Adds the edge from a to b to the sums of all rows that it crosses, and widens the extent. */
function addEdge(sums: Float32Array, size: number, [ax, ay]: Point, [bx, by]: Point, extent: Extent): void {
  extent.left = Math.min(extent.left, Math.floor(ax))
  extent.right = Math.max(extent.right, Math.floor(ax))
  if (ay === by) return
  const down = ay < by
  const x0 = down ? ax : bx
  const y0 = down ? ay : by
  const x1 = down ? bx : ax
  const y1 = down ? by : ay
  const slope = (x1 - x0) / (y1 - y0)
  const first = Math.max(0, Math.floor(y0))
  const last = Math.min(size - 1, Math.ceil(y1) - 1)
  extent.top = Math.min(extent.top, first)
  extent.bottom = Math.max(extent.bottom, last)
  for (let y = first; y <= last; y++) {
    const from = Math.max(y0, y)
    const to = Math.min(y1, y + 1)
    const height = (down ? 1 : -1) * (to - from)
    addCrossing(sums, y * (size + 2), size, x0 + (from - y0) * slope, x0 + (to - y0) * slope, height)
  }
}

/** Adds the piece of an edge that is inside one pixel row: from x = a to x = b over a signed height. */
function addCrossing(sums: Float32Array, row: number, size: number, a: number, b: number, height: number): void {
  const from = Math.min(size, Math.max(0, Math.min(a, b)))
  const to = Math.min(size, Math.max(0, Math.max(a, b)))
  const first = Math.floor(from)
  const last = Math.floor(to)
  for (let cell = first; cell <= last; cell++) {
    const l = Math.max(from, cell)
    const r = Math.min(to, cell + 1)
    const middle = (l + r) / 2 - cell
    const share = first === last ? height : (height * (r - l)) / (to - from)
    sums[row + cell]! += share * (1 - middle)
    sums[row + cell + 1]! += share * middle
  }
}

/** Paints pixel i with a colour of opacity a. */
function blend(on: Layer, i: number, colour: Colour, a: number): void {
  const { rgb, alpha } = on
  const j = i * 3
  rgb[j] = rgb[j]! * (1 - a) + colour[0] * a
  rgb[j + 1] = rgb[j + 1]! * (1 - a) + colour[1] * a
  rgb[j + 2] = rgb[j + 2]! * (1 - a) + colour[2] * a
  alpha[i] = alpha[i]! * (1 - a) + a
}
