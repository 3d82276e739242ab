/** Layers of colour and coverage: painted one by one, blurred, and laid on one another. */

/** A square picture in floating point. */
export interface Layer {
  /** Width and height in pixels. */
  readonly size: number
  /** size × size × 3 colours in 0..1, multiplied by `alpha`. */
  readonly rgb: Float32Array
  /** size × size shares of a pixel that are covered, 0..1. */
  readonly alpha: Float32Array
}

/** Makes a transparent layer. */
export function layer(size: number): Layer {
  return { size, rgb: new Float32Array(size * size * 3), alpha: new Float32Array(size * size) }
}

/** Lays `over` on `under`, in place. `light`, if given, is a factor on the upper layer's colours, pixel by pixel. */
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
    for (let y = 0; y < size; y++) boxFilter(plane, y * row, channels, size, channels, radius)
    boxFilter(plane, 0, row, size, row, radius)
  }
}

/** One box filter along an axis of `count` places `step` apart, for `lanes` neighbours at once. */
function boxFilter(
  plane: Float32Array,
  start: number,
  step: number,
  count: number,
  lanes: number,
  radius: number,
): void {
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
