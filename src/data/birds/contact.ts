/** The contact sheet: every species at full size, and below it shrunk to the classifier's input. */
import { type BirdOptions, drawBird } from './draw.ts'
import { encode } from './png.ts'

/**
 * Makes a PNG: species from left to right in rows of 8, each above its shrunk self. Each of 8 species has two examples,
 * each of 16 one.
 */
export function contactSheet({
  seed,
  classes,
  size,
  small,
  ...rest
}: BirdOptions & { seed: number; small: number }): Buffer {
  const examples = classes === 8 ? 2 : 1
  const columns = 8
  const gap = 4
  const tile = size + gap
  const rows = (classes / columns) * examples * 2
  const width = columns * tile + gap
  const height = rows * tile + gap
  const sheet = new Uint8Array(width * height * 3).fill(255)
  for (let species = 0; species < classes; species++)
    for (let example = 0; example < examples; example++) {
      const { rgb } = drawBird(seed, species + example * classes, { classes, size, ...rest })
      const left = gap + (species % columns) * tile
      const top = gap + (Math.floor(species / columns) * examples + example) * 2 * tile
      paste(sheet, width, rgb, size, left, top)
      paste(sheet, width, shrunk(rgb, size, small), size, left, top + tile)
    }
  return encode(sheet, width, height)
}

function paste(sheet: Uint8Array, width: number, rgb: Uint8Array, size: number, left: number, top: number): void {
  for (let y = 0; y < size; y++)
    sheet.set(rgb.subarray(y * size * 3, (y + 1) * size * 3), ((top + y) * width + left) * 3)
}

/** Shrinks a picture to small × small by averaging, and enlarges it again to squares. */
function shrunk(rgb: Uint8Array, size: number, small: number): Uint8Array {
  const sums = new Float64Array(small * small * 4)
  const out = new Uint8Array(rgb.length)
  const cell = (i: number): number =>
    Math.floor((Math.floor(i / size) * small) / size) * small + Math.floor(((i % size) * small) / size)
  for (let i = 0; i < size * size; i++) {
    const k = cell(i) * 4
    for (let c = 0; c < 3; c++) sums[k + c]! += rgb[i * 3 + c]!
    sums[k + 3]!++
  }
  for (let i = 0; i < size * size; i++) {
    const k = cell(i) * 4
    for (let c = 0; c < 3; c++) out[i * 3 + c] = Math.round(sums[k + c]! / sums[k + 3]!)
  }
  return out
}
