/** Small pictures in memory: photographs, maps as colours, grids; put together and written as PNG. */
import { writeFileSync } from 'node:fs'
import { PNG } from 'pngjs'
import { IMAGENET_MEAN, IMAGENET_STD } from '../ops/image.ts'
import type { Photo } from '../tasn/photo.ts'

/** RGB in 0..1, row-major, three numbers a pixel. */
export interface Picture {
  readonly width: number
  readonly height: number
  readonly rgb: Float32Array
}

/** An image (3,height,width) as augment() makes it, without its normalisation. */
export function photo(planes: Float32Array, height: number, width: number): Picture {
  const rgb = new Float32Array(3 * width * height)
  for (let i = 0; i < width * height; i++)
    for (let c = 0; c < 3; c++) rgb[3 * i + c] = planes[c * width * height + i]! * IMAGENET_STD[c]! + IMAGENET_MEAN[c]!
  return { width, height, rgb }
}

/** RGBA bytes as a picture. */
export function pictureOf({ width, height, data }: Photo): Picture {
  const rgb = new Float32Array(3 * width * height)
  for (let i = 0; i < width * height; i++) for (let c = 0; c < 3; c++) rgb[3 * i + c] = data[4 * i + c]! / 255
  return { width, height, rgb }
}

/** Between dark blue, magenta, orange and light yellow: dark to bright also in grey. */
function colour(v: number): [number, number, number] {
  const stops = [
    [0, 0, 0.2],
    [0.5, 0.05, 0.5],
    [0.95, 0.4, 0.2],
    [1, 1, 0.7],
  ]
  const at = Math.min(0.9999, Math.max(0, v)) * 3
  const i = Math.floor(at)
  const f = at - i
  return [0, 1, 2].map(c => stops[i]![c]! * (1 - f) + stops[i + 1]![c]! * f) as [number, number, number]
}

/** The map, stretched from its own smallest to its own largest value, over the greyed image. */
export function heat(image: Picture, map: Float32Array, h: number, w: number): Picture {
  const low = Math.min(...map)
  const range = Math.max(...map) - low || 1
  const rgb = new Float32Array(image.rgb.length)
  const at = (y: number, x: number) => map[Math.min(h - 1, Math.max(0, y)) * w + Math.min(w - 1, Math.max(0, x))]!
  for (let y = 0, i = 0; y < image.height; y++)
    for (let x = 0; x < image.width; x++, i += 3) {
      const v = ((y + 0.5) * h) / image.height - 0.5
      const u = ((x + 0.5) * w) / image.width - 0.5
      const y0 = Math.floor(v)
      const x0 = Math.floor(u)
      const fy = v - y0
      const fx = u - x0
      const m =
        (at(y0, x0) * (1 - fx) + at(y0, x0 + 1) * fx) * (1 - fy) +
        (at(y0 + 1, x0) * (1 - fx) + at(y0 + 1, x0 + 1) * fx) * fy
      const grey = (image.rgb[i]! + image.rgb[i + 1]! + image.rgb[i + 2]!) / 3
      const c = colour((m - low) / range)
      for (let k = 0; k < 3; k++) rgb[i + k] = 0.4 * grey + 0.6 * c[k]!
    }
  return { ...image, rgb }
}

/** Lines where every third row and column of the structure sample was read. */
export function warped(image: Picture, rows: Float32Array, columns: Float32Array): Picture {
  const rgb = image.rgb.slice()
  const { width, height } = image
  const dot = (y: number, x: number) => {
    for (let k = 0; k < 3; k++)
      rgb[3 * (y * width + x) + k] = 0.25 * rgb[3 * (y * width + x) + k]! + (k === 0 ? 0.75 : 0.65 - 0.3 * k)
  }
  for (let i = 1; i < rows.length; i += 3)
    for (let x = 0; x < width; x++) dot(Math.min(height - 1, Math.round(rows[i]!)), x)
  for (let i = 1; i < columns.length; i += 3)
    for (let y = 0; y < height; y++) dot(y, Math.min(width - 1, Math.round(columns[i]!)))
  return { width, height, rgb }
}

/** The plain alternative to the sampler: every pixel the mean of what it covers. */
export function shrunk(p: Picture, height: number, width: number): Picture {
  const rgb = new Float32Array(3 * width * height)
  const count = new Float32Array(width * height)
  for (let y = 0; y < p.height; y++)
    for (let x = 0; x < p.width; x++) {
      const o = Math.floor((y * height) / p.height) * width + Math.floor((x * width) / p.width)
      count[o]!++
      for (let k = 0; k < 3; k++) rgb[3 * o + k]! += p.rgb[3 * (y * p.width + x) + k]!
    }
  return { width, height, rgb: rgb.map((v, i) => v / count[Math.floor(i / 3)]!) }
}

/** To another height, and a width that keeps the shape or is given; with hard edges, so that pixels can be counted. */
export function enlarged(p: Picture, height: number, width = Math.round((p.width * height) / p.height)): Picture {
  const rgb = new Float32Array(3 * height * width)
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const from = 3 * (Math.floor((y * p.height) / height) * p.width + Math.floor((x * p.width) / width))
      for (let k = 0; k < 3; k++) rgb[3 * (y * width + x) + k] = p.rgb[from + k]!
    }
  return { width, height, rgb }
}

/** White pixels between two pictures. */
export const GAP = 4

/** In a row; all are of one height. */
export function sideBySide(pictures: readonly Picture[]): Picture {
  const height = pictures[0]!.height
  const width = pictures.reduce((n, p) => n + p.width + GAP, -GAP)
  const rgb = new Float32Array(3 * width * height).fill(1)
  let left = 0
  for (const p of pictures) {
    for (let y = 0; y < height; y++)
      rgb.set(p.rgb.subarray(3 * y * p.width, 3 * (y + 1) * p.width), 3 * (y * width + left))
    left += p.width + GAP
  }
  return { width, height, rgb }
}

/** In a column; all are of one width. */
export function stacked(pictures: readonly Picture[]): Picture {
  const width = pictures[0]!.width
  const height = pictures.reduce((n, p) => n + p.height + GAP, -GAP)
  const rgb = new Float32Array(3 * width * height).fill(1)
  let top = 0
  for (const p of pictures) {
    rgb.set(p.rgb, 3 * width * top)
    top += p.height + GAP
  }
  return { width, height, rgb }
}

/** A PNG of 8 bits a channel. */
export function pngOf({ width, height, rgb }: Picture): Buffer {
  const data = Buffer.alloc(rgb.length)
  for (let i = 0; i < rgb.length; i++) data[i] = Math.round(255 * Math.min(1, Math.max(0, rgb[i]!)))
  const png = { ...new PNG(), data, width, height } as PNG
  // One filter instead of the best of five for each line: twice as fast, and with three channels smaller, too.
  const few = {
    colorType: 2,
    inputColorType: 2,
    inputHasAlpha: false,
    filterType: 4,
    deflateLevel: 1,
    deflateStrategy: 0,
  } as const
  return PNG.sync.write(png, few)
}

/** Writes it into a file. */
export const save = (file: string, picture: Picture): void => writeFileSync(file, pngOf(picture))
