/** Sine and cosine by sums and products only: Math.sin may differ between engines, and the birds must not. */

/** Sine of an angle in radians, to 1e-6: a Taylor polynomial after the angle is brought to a quarter turn. */
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
