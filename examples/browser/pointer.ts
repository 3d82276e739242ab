/** The pointer that links pictures and curves: a place in the image, in its pixels. */

export interface Place {
  readonly x: number
  readonly y: number
}

/** Whoever shows the place hears of it; undefined: there is none. */
export class Pointer {
  #place: Place | undefined
  readonly #listeners: ((place: Place | undefined) => void)[] = []

  get place(): Place | undefined {
    return this.#place
  }
  set place(place: Place | undefined) {
    this.#place = place
    for (const f of this.#listeners) f(place)
  }
  onMove(f: (place: Place | undefined) => void): void {
    this.#listeners.push(f)
  }
}

/** The pixel of a sample (a fraction) that shows a place of the image: the inverse of its rising positions. */
export function sampleAt(positions: Float32Array, at: number): number {
  let i = 0
  while (i + 1 < positions.length && positions[i + 1]! < at) i++
  const [a, b] = [positions[i]!, positions[Math.min(i + 1, positions.length - 1)]!]
  return Math.min(positions.length - 1, i + (b > a ? Math.min(1, Math.max(0, (at - a) / (b - a))) : 0))
}

/** The place of the image that a sample's pixel (a fraction) shows. */
export function imageAt(positions: Float32Array, at: number): number {
  const i = Math.min(positions.length - 1, Math.max(0, Math.floor(at)))
  const next = positions[Math.min(i + 1, positions.length - 1)]!
  return positions[i]! + Math.min(1, Math.max(0, at - i)) * (next - positions[i]!)
}
