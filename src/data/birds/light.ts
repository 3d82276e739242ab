/** Light and camera: relief on the bird, then the faults of a lens and a sensor. */
import type { Random } from '../../engine/random.ts'
import { blur, type Layer } from './layer.ts'
import { valueNoise } from './noise.ts'
import type { Placement } from './placement.ts'

/**
 * Computes the light on a bird, a factor for each pixel. The bird is round, so edges towards the light are brighter.
 * Feathers add grain.
 */
export function relief(bird: Layer, random: Random, place: Placement): Float32Array {
  const { size, alpha } = bird
  const soft = alpha.slice()
  const radius = Math.max(2, Math.round(place.length * 0.035))
  blur(soft, size, 1, radius)
  const lx = random.uniform(-0.7, 0.7)
  const ly = random.uniform(0.4, 1)
  const grain = valueNoise(random, size, Math.round(size / 4), 1)
  const light = new Float32Array(size * size).fill(1)
  for (let y = 1; y < size - 1; y++)
    for (let x = 1; x < size - 1; x++) {
      const i = y * size + x
      if (!alpha[i]) continue
      const slope = (soft[i + 1]! - soft[i - 1]!) * lx + (soft[i + size]! - soft[i - size]!) * ly
      const height = ((x - place.x) * lx - (place.y - y) * ly) / place.length
      light[i] = 1 + Math.max(-0.35, Math.min(0.3, slope * radius * 0.55)) - 0.25 * height + 0.14 * (grain[i]! - 0.5)
    }
  return light
}

/** Takes the picture: exposure, white balance, uneven light, contrast, a slightly soft lens, noise, and then bytes. */
export function camera({ size, rgb }: Layer, random: Random): Uint8Array {
  const out = new Uint8Array(rgb.length)
  const gx = random.uniform(-0.12, 0.12)
  const gy = random.uniform(-0.12, 0.12)
  const exposure = random.uniform(0.8, 1.2)
  const contrast = random.uniform(0.85, 1.1)
  const b = random.uniform(0, 0.2)
  const balance = [0, 1, 2].map(() => exposure * random.uniform(0.94, 1.06))
  const row = 3 * size
  const soft = new Float32Array(rgb.length)
  for (let i = 0; i < rgb.length; i++) {
    const before = i % row < 3 ? i : i - 3
    const after = i % row >= row - 3 ? i : i + 3
    soft[i] = rgb[before]! * b + rgb[i]! * (1 - 2 * b) + rgb[after]! * b
  }
  for (let y = 0, i = 0; y < size; y++)
    for (let x = 0; x < size; x++) {
      const gain = 1 + 2 * (gx * (x / size - 0.5) + gy * (y / size - 0.5))
      const noise = (random.next() + random.next() - 1) * 0.035
      for (let c = 0; c < 3; c++, i++) {
        const above = y ? i - row : i
        const below = y < size - 1 ? i + row : i
        const value = (soft[above]! * b + soft[i]! * (1 - 2 * b) + soft[below]! * b) * gain * balance[c]!
        out[i] = Math.max(0, Math.min(255, Math.floor((0.5 + (value - 0.5) * contrast + noise) * 255 + 0.5)))
      }
    }
  return out
}
