/** Smooth noise: random values on a grid, interpolated, octave upon octave. */
import type { Random } from '../../engine/random.ts'

/**
 * Draws size × size values in 0..1. The first octave has `cells` × `cells` cells. Each further one has twice as many a
 * side and half the weight.
 */
export function valueNoise(random: Random, size: number, cells: number, octaves: number): Float32Array {
  const out = new Float32Array(size * size)
  let weight = 1
  let total = 0
  for (let octave = 0; octave < octaves; octave++, weight /= 2) {
    addOctave(out, random, size, cells << octave, weight)
    total += weight
  }
  for (let i = 0; i < out.length; i++) out[i]! /= total
  return out
}

/** Adds one octave of n × n cells: random values at their corners, and between them a smooth step each way. */
function addOctave(out: Float32Array, random: Random, size: number, n: number, weight: number): void {
  const grid = Float32Array.from({ length: (n + 1) * (n + 1) }, () => random.next())
  const cell = new Int32Array(size)
  const within = new Float32Array(size)
  for (let k = 0; k < size; k++) {
    const u = ((k + 0.5) * n) / size
    cell[k] = Math.floor(u)
    within[k] = (u - cell[k]!) ** 2 * (3 - 2 * (u - cell[k]!))
  }
  for (let y = 0; y < size; y++) {
    const row = cell[y]! * (n + 1)
    const v = within[y]!
    for (let x = 0; x < size; x++) {
      const k = row + cell[x]!
      const u = within[x]!
      const above = grid[k]! + (grid[k + 1]! - grid[k]!) * u
      const below = grid[k + n + 1]! + (grid[k + n + 2]! - grid[k + n + 1]!) * u
      out[y * size + x]! += weight * (above + (below - above) * v)
    }
  }
}
