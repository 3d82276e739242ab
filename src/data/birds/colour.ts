/** Colours as three numbers in 0..1. */

export type Colour = readonly [red: number, green: number, blue: number]

/** Makes a colour of hue (0..1, wraps), saturation and value. */
export function hsv(hue: number, saturation: number, value: number): Colour {
  const channel = (n: number): number => {
    const k = (n + (hue - Math.floor(hue)) * 6) % 6
    return value - value * saturation * Math.max(0, Math.min(k, 4 - k, 1))
  }
  return [channel(5), channel(3), channel(1)]
}

/** Mixes two colours: a at t = 0, b at t = 1, beyond them for t outside. */
export function mix(a: Colour, b: Colour, t: number): Colour {
  return [a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t, a[2] + (b[2] - a[2]) * t]
}
