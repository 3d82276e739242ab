/** A small rasteriser: polygons with exact area coverage on float layers, and the outlines the birds are made of. */

export type Point = readonly [x: number, y: number]
export type Colour = readonly [red: number, green: number, blue: number]

/** Colours in 0..1, multiplied by `alpha`, the share of each pixel that is covered. */
export interface Layer {
  readonly size: number
  readonly rgb: Float32Array
  readonly alpha: Float32Array
}

/** A transparent layer. */
export function layer(size: number): Layer {
  return { size, rgb: new Float32Array(size * size * 3), alpha: new Float32Array(size * size) }
}

const cover = { size: 0, sums: new Float32Array(0) }

/**
 * Fills a polygon, closed from its last point to its first. Each edge adds, where it crosses a pixel row, the area
 * between itself and the row's right end; a running sum along the row then gives the covered area of every pixel
 * exactly.
 */
export function fill(on: Layer, points: readonly Point[], colour: Colour, opacity = 1): void {
  const { size } = on
  const stride = size + 2
  if (cover.size !== size) Object.assign(cover, { size, sums: new Float32Array(stride * size) })
  const { sums } = cover
  let left = size
  let right = -1
  let top = size
  let bottom = -1
  for (let k = 0; k < points.length; k++) {
    const [ax, ay] = points[k]!
    const [bx, by] = points[k + 1 < points.length ? k + 1 : 0]!
    left = Math.min(left, Math.floor(ax))
    right = Math.max(right, Math.floor(ax))
    if (ay === by) continue
    const down = ay < by
    const x0 = down ? ax : bx
    const y0 = down ? ay : by
    const x1 = down ? bx : ax
    const y1 = down ? by : ay
    const slope = (x1 - x0) / (y1 - y0)
    const first = Math.max(0, Math.floor(y0))
    const last = Math.min(size - 1, Math.ceil(y1) - 1)
    top = Math.min(top, first)
    bottom = Math.max(bottom, last)
    for (let y = first; y <= last; y++) {
      const from = Math.max(y0, y)
      const to = Math.min(y1, y + 1)
      const height = (down ? 1 : -1) * (to - from)
      crossing(sums, y * stride, size, x0 + (from - y0) * slope, x0 + (to - y0) * slope, height)
    }
  }
  left = Math.max(0, left)
  right = Math.min(size - 1, right + 1)
  for (let y = top; y <= bottom; y++) {
    let sum = 0
    for (let x = left; x <= right; x++) {
      sum += sums[y * stride + x]!
      const a = Math.min(1, Math.abs(sum)) * opacity
      if (a > 0.001) blend(on, y * size + x, colour, a)
    }
    sums.fill(0, y * stride + left, y * stride + Math.min(stride, right + 3))
  }
}

/** Adds one edge's piece inside one pixel row: from x = a to x = b over the signed height. */
function crossing(sums: Float32Array, row: number, size: number, a: number, b: number, height: number): void {
  const from = Math.min(size, Math.max(0, Math.min(a, b)))
  const to = Math.min(size, Math.max(0, Math.max(a, b)))
  const first = Math.floor(from)
  const last = Math.floor(to)
  for (let cell = first; cell <= last; cell++) {
    const l = Math.max(from, cell)
    const r = Math.min(to, cell + 1)
    const middle = (l + r) / 2 - cell
    const part = first === last ? height : (height * (r - l)) / (to - from)
    sums[row + cell]! += part * (1 - middle)
    sums[row + cell + 1]! += part * middle
  }
}

function blend(on: Layer, i: number, colour: Colour, a: number): void {
  const { rgb, alpha } = on
  const j = i * 3
  rgb[j] = rgb[j]! * (1 - a) + colour[0] * a
  rgb[j + 1] = rgb[j + 1]! * (1 - a) + colour[1] * a
  rgb[j + 2] = rgb[j + 2]! * (1 - a) + colour[2] * a
  alpha[i] = alpha[i]! * (1 - a) + a
}

/** Lays `over` on `under`, in place. `light`, if given, scales the upper layer's colour by pixel. */
export function compose(under: Layer, over: Layer, light?: Float32Array): void {
  for (let i = 0; i < under.alpha.length; i++) {
    const a = over.alpha[i]!
    if (!a) continue
    const gain = light ? light[i]! : 1
    for (let c = i * 3; c < i * 3 + 3; c++) under.rgb[c] = under.rgb[c]! * (1 - a) + over.rgb[c]! * gain
    under.alpha[i] = under.alpha[i]! * (1 - a) + a
  }
}

/** Blurs `channels` interleaved planes in place: two box filters of width 2 radius + 1 each way, edges repeated. */
export function blur(plane: Float32Array, size: number, channels: number, radius: number): void {
  const row = size * channels
  for (let twice = 0; twice < 2 && radius > 0; twice++) {
    for (let y = 0; y < size; y++) box(plane, y * row, channels, size, channels, radius)
    box(plane, 0, row, size, row, radius)
  }
}

/** One box filter along an axis of `count` places `step` apart, for `lanes` neighbours at once. */
function box(plane: Float32Array, start: number, step: number, count: number, lanes: number, radius: number): void {
  const held = new Float32Array(count * lanes)
  const sum = new Float64Array(lanes)
  const scale = 1 / (2 * radius + 1)
  for (let k = 0; k < count; k++) for (let l = 0; l < lanes; l++) held[k * lanes + l] = plane[start + k * step + l]!
  for (let k = -radius; k <= radius; k++) {
    const from = Math.min(count - 1, Math.max(0, k)) * lanes
    for (let l = 0; l < lanes; l++) sum[l]! += held[from + l]!
  }
  for (let k = 0; k < count; k++) {
    const to = start + k * step
    const enter = Math.min(count - 1, k + radius + 1) * lanes
    const leave = Math.max(0, k - radius) * lanes
    for (let l = 0; l < lanes; l++) {
      plane[to + l] = sum[l]! * scale
      sum[l]! += held[enter + l]! - held[leave + l]!
    }
  }
}

/** Sine from sums and products only: Math.sin may differ in its last bit between engines, and a data set must not. */
export function sin(angle: number): number {
  const turns = angle / (2 * Math.PI)
  const x = (turns - Math.floor(turns + 0.5)) * 2 * Math.PI
  const y = x > Math.PI / 2 ? Math.PI - x : x < -Math.PI / 2 ? -Math.PI - x : x
  const s = y * y
  return y * (1 - (s / 6) * (1 - (s / 20) * (1 - (s / 42) * (1 - (s / 72) * (1 - s / 110)))))
}

export function cos(angle: number): number {
  return sin(angle + Math.PI / 2)
}

/** An ellipse as a polygon, turned by `angle`. */
export function ellipse(x: number, y: number, rx: number, ry: number, angle = 0, sides = 24): Point[] {
  const c = cos(angle)
  const s = sin(angle)
  return Array.from({ length: sides }, (_, k) => {
    const px = rx * cos((k * 2 * Math.PI) / sides)
    const py = ry * sin((k * 2 * Math.PI) / sides)
    return [x + c * px - s * py, y + s * px + c * py] as const
  })
}

/** The closed Catmull-Rom curve through the points. */
export function smooth(points: readonly Point[], pieces = 6): Point[] {
  const n = points.length
  const at = (k: number): Point => points[(k + n) % n]!
  return points.flatMap((p1, k) => {
    const p0 = at(k - 1)
    const p2 = at(k + 1)
    const p3 = at(k + 2)
    const axis = (i: 0 | 1, t: number): number =>
      0.5 *
      (2 * p1[i] +
        (p2[i] - p0[i]) * t +
        (2 * p0[i] - 5 * p1[i] + 4 * p2[i] - p3[i]) * t * t +
        (3 * p1[i] - p0[i] - 3 * p2[i] + p3[i]) * t * t * t)
    return Array.from({ length: pieces }, (_, j) => [axis(0, j / pieces), axis(1, j / pieces)] as const)
  })
}

/** A line through the points as a polygon, its half width going from `from` to `to`. */
export function stroke(points: readonly Point[], from: number, to = from): Point[] {
  const left: Point[] = []
  const right: Point[] = []
  const n = points.length
  points.forEach(([x, y], k) => {
    const a = points[Math.max(0, k - 1)]!
    const b = points[Math.min(n - 1, k + 1)]!
    const dx = b[0] - a[0]
    const dy = b[1] - a[1]
    const length = Math.sqrt(dx * dx + dy * dy) + 1e-9
    const w = (from + ((to - from) * k) / Math.max(1, n - 1)) / length
    left.push([x - dy * w, y + dx * w])
    right.push([x + dy * w, y - dx * w])
  })
  return [...left, ...right.reverse()]
}

/** The quadratic Bezier curve from a to c with the control point b. */
export function bezier(a: Point, b: Point, c: Point, pieces = 8): Point[] {
  return Array.from({ length: pieces + 1 }, (_, k) => {
    const t = k / pieces
    const s = 1 - t
    return [s * s * a[0] + 2 * s * t * b[0] + t * t * c[0], s * s * a[1] + 2 * s * t * b[1] + t * t * c[1]] as const
  })
}

/** A colour from hue (0..1, wraps), saturation and value. */
export function hsv(hue: number, saturation: number, value: number): Colour {
  const channel = (n: number): number => {
    const k = (n + (hue - Math.floor(hue)) * 6) % 6
    return value - value * saturation * Math.max(0, Math.min(k, 4 - k, 1))
  }
  return [channel(5), channel(3), channel(1)]
}

/** The colour between a and b; beyond them for t outside 0..1. */
export function mix(a: Colour, b: Colour, t: number): Colour {
  return [a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t, a[2] + (b[2] - a[2]) * t]
}
