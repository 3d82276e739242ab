/** Pictures on canvases: photographs as they are, maps as colours over a greyed photograph. */
import type { HostTensor, Photo } from '../../src/index.ts'

/** Puts a picture of RGBA or RGB bytes on a canvas, which takes its size. */
export function drawPhoto(canvas: HTMLCanvasElement, photo: Photo): void {
  canvas.width = photo.width
  canvas.height = photo.height
  canvas.getContext('2d')!.putImageData(imageData(photo), 0, 0)
}

function imageData({ width, height, data }: Photo): ImageData {
  const image = new ImageData(width, height)
  if (data.length === image.data.length) image.data.set(data)
  else
    for (let i = 0; i < width * height; i++)
      image.data.set([data[3 * i]!, data[3 * i + 1]!, data[3 * i + 2]!, 255], 4 * i)
  return image
}

/** Dark blue, magenta, orange, light yellow: dark to bright also in grey. */
const STOPS = [0, 0, 51, 128, 13, 128, 242, 102, 51, 255, 255, 179]
const TABLE = Uint8Array.from({ length: 3 * 256 }, (_, i) => {
  const at = (Math.floor(i / 3) / 255.001) * 3
  const k = 3 * Math.floor(at) + (i % 3)
  return STOPS[k]! + (at % 1) * (STOPS[k + 3]! - STOPS[k]!)
})

/**
 * A map (h,w), stretched from its smallest to its largest value, bilinear between its places, over the greyed image.
 * @param size of the canvas in pixels.
 */
export function drawHeat(
  canvas: HTMLCanvasElement,
  image: Photo,
  { shape, data: map }: HostTensor,
  size: number,
): void {
  const [h, w] = shape as [number, number]
  const low = map.reduce((a, b) => Math.min(a, b), Infinity)
  const range = map.reduce((a, b) => Math.max(a, b), -Infinity) - low || 1
  const at = (y: number, x: number): number =>
    map[Math.min(h - 1, Math.max(0, y)) * w + Math.min(w - 1, Math.max(0, x))]!
  const out = new ImageData(size, size)
  for (let y = 0, i = 0; y < size; y++) {
    const v = ((y + 0.5) * h) / size - 0.5
    const y0 = Math.floor(v)
    const fy = v - y0
    const row = Math.floor(((y + 0.5) * image.height) / size) * image.width
    for (let x = 0; x < size; x++, i += 4) {
      const u = ((x + 0.5) * w) / size - 0.5
      const x0 = Math.floor(u)
      const fx = u - x0
      const upper = at(y0, x0) * (1 - fx) + at(y0, x0 + 1) * fx
      const lower = at(y0 + 1, x0) * (1 - fx) + at(y0 + 1, x0 + 1) * fx
      const c = 3 * Math.round((255 * (upper * (1 - fy) + lower * fy - low)) / range)
      const p = 4 * (row + Math.floor(((x + 0.5) * image.width) / size))
      const grey = (0.4 * (image.data[p]! + image.data[p + 1]! + image.data[p + 2]!)) / 3
      for (let k = 0; k < 3; k++) out.data[i + k] = grey + 0.6 * TABLE[c + k]!
      out.data[i + 3] = 255
    }
  }
  canvas.width = size
  canvas.height = size
  canvas.getContext('2d')!.putImageData(out, 0, 0)
}
