/** The outlines that everything is made of, as polygons. Lengths are in whatever unit the caller draws in. */
import { cos, sin } from './trigonometry.ts'

export type Point = readonly [x: number, y: number]

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
