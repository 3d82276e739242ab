/**
 * Pictures of what TASN sees: for a few test birds the image, its attention, the warped grid and both samples, as PNG.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { PNG } from 'pngjs'
import type { Loader } from '../data/loader.ts'
import { scope } from '../engine/eager.ts'
import { Random } from '../engine/random.ts'
import type { Tensor } from '../engine/tensor.ts'
import { persistent, read, release } from '../engine/transfer.ts'
import { augment, CHANGE_SIZE, IMAGENET_MEAN, IMAGENET_STD } from '../ops/image.ts'
import type { Tasn } from '../tasn/network.ts'
import { noChanges } from '../train/augmentation.ts'

/** RGB in 0..1, row-major, three numbers a pixel. */
interface Picture {
  readonly width: number
  readonly height: number
  readonly rgb: Float32Array
}

/** Two single maps beside the one that made the detail sample. */
const CHANNEL_MAPS = 2

/** What an overview shows, from left to right. */
export const PICTURE_COLUMNS =
  'image, mean attention, the map of the detail sample, two more maps, grid, structure sample, detail sample, ' +
  'plainly shrunk'

/**
 * Writes for each of `count` test images (spread over the classes) NN-*.png one by one, NN-overview.png side by side,
 * and overview.png with all of them. Returns the file of the last.
 */
export async function savePictures(
  model: Tasn,
  loader: Loader,
  dir: string,
  { count = 6, seed = 0 } = {},
): Promise<string> {
  mkdirSync(dir, { recursive: true })
  const { batch: N, size } = loader.options
  const random = new Random(seed, 77)
  const u = Float32Array.from({ length: N }, () => random.next())
  const every = Math.max(1, Math.floor(loader.samples.length / count))
  const wanted = new Set(Array.from({ length: count }, (_, i) => i * every + (i % every)))
  const overviews: Picture[] = []
  model.train(false)
  for await (const { indices, pixels, count: real } of loader.epoch(0)) {
    const here = [...indices.keys()].slice(0, real).filter(slot => wanted.has(indices[slot]!))
    if (!here.length) continue
    const inputs = [
      persistent([N, size, size], pixels),
      persistent([N, CHANGE_SIZE], noChanges(N)),
      persistent([N], u),
    ] as const
    let parts!: Record<string, Tensor>
    scope(() => {
      const x = augment(inputs[0], inputs[1])
      const { features } = model.attend(x)
      const { structure, detail } = model.views(features, inputs[2])
      parts = {
        x,
        maps: model.attentionMaps(features),
        map: structure.map,
        detailMap: detail.map,
        rows: structure.grid.rows,
        columns: structure.grid.columns,
        structure: model.sample(x, structure),
        detail: model.sample(x, detail),
      }
      return Object.values(parts)
    })
    const host: Record<string, Float32Array> = {}
    for (const [name, t] of Object.entries(parts)) host[name] = await read(t)
    const C = parts.maps!.shape[1]!
    const [, h, w] = parts.map!.shape as [number, number, number]
    for (const slot of here) {
      const one = (name: string) => {
        const n = host[name]!.length / N
        return host[name]!.subarray(slot * n, (slot + 1) * n)
      }
      const image = photo(one('x'), size, size)
      const [sh, sw] = model.config.classifierSize
      const maps = one('maps')
      const channel = (c: number) => maps.subarray(c * h * w, (c + 1) * h * w)
      const chosen = different(
        Array.from({ length: C }, (_, c) => channel(c)),
        one('detailMap'),
        CHANNEL_MAPS,
      )
      const grid = { rows: one('rows'), columns: one('columns') }
      const views: Record<string, Picture> = {
        image,
        attention: heat(image, one('map'), h, w),
        'detail-map': heat(image, one('detailMap'), h, w),
        ...Object.fromEntries(chosen.map((m, i) => [`channel-${i + 1}`, heat(image, m, h, w)])),
        grid: warped(image, grid.rows, grid.columns),
        structure: enlarged(photo(one('structure'), sh, sw), size),
        detail: enlarged(photo(one('detail'), sh, sw), size),
        shrunk: enlarged(shrunk(image, sh, sw), size),
      }
      const number = `${overviews.length + 1}`.padStart(2, '0')
      for (const [name, p] of Object.entries(views)) save(join(dir, `${number}-${name}.png`), p)
      const overview = sideBySide(Object.values(views))
      save(join(dir, `${number}-overview.png`), overview)
      overviews.push(overview)
    }
    for (const t of [...inputs, ...Object.values(parts)]) release(t)
    if (overviews.length >= count) break
  }
  const file = join(dir, 'overview.png')
  save(file, stacked(overviews))
  return file
}

/** The maps that differ most from `first` and from one another, among those with contrast: flat ones show nothing. */
function different(maps: readonly Float32Array[], first: Float32Array, count: number): Float32Array[] {
  const contrast = (m: Float32Array) => Math.max(...m) - Math.min(...m)
  const most = Math.max(...maps.map(contrast))
  const left = maps.filter(m => contrast(m) > 0.3 * most)
  const chosen: Float32Array[] = []
  while (chosen.length < count && left.length) {
    const likeness = (m: Float32Array) => Math.max(...[first, ...chosen].map(c => correlation(m, c)))
    const next = left.reduce((best, m) => (likeness(m) < likeness(best) ? m : best))
    left.splice(left.indexOf(next), 1)
    chosen.push(next)
  }
  return chosen
}

function correlation(a: Float32Array, b: Float32Array): number {
  const mean = (v: Float32Array) => v.reduce((s, x) => s + x, 0) / v.length
  const ma = mean(a)
  const mb = mean(b)
  let ab = 0
  let aa = 1e-30
  let bb = 1e-30
  for (let i = 0; i < a.length; i++) {
    const x = a[i]! - ma
    const y = b[i]! - mb
    ab += x * y
    aa += x * x
    bb += y * y
  }
  return ab / Math.sqrt(aa * bb)
}

/** Undoes augment()'s normalisation. */
function photo(planes: Float32Array, height: number, width: number): Picture {
  const rgb = new Float32Array(3 * width * height)
  for (let i = 0; i < width * height; i++)
    for (let c = 0; c < 3; c++) rgb[3 * i + c] = planes[c * width * height + i]! * IMAGENET_STD[c]! + IMAGENET_MEAN[c]!
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
function heat(image: Picture, map: Float32Array, h: number, w: number): Picture {
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
function warped(image: Picture, rows: Float32Array, columns: Float32Array): Picture {
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
function shrunk(p: Picture, height: number, width: number): Picture {
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

/** To a height of `side` with hard pixel edges, so that one sees how many there are. */
function enlarged(p: Picture, side: number): Picture {
  const width = Math.round((p.width * side) / p.height)
  const rgb = new Float32Array(3 * side * width)
  for (let y = 0; y < side; y++)
    for (let x = 0; x < width; x++) {
      const from = 3 * (Math.floor((y * p.height) / side) * p.width + Math.floor((x * p.width) / width))
      for (let k = 0; k < 3; k++) rgb[3 * (y * width + x) + k] = p.rgb[from + k]!
    }
  return { width, height: side, rgb }
}

const GAP = 4
function sideBySide(pictures: readonly Picture[]): Picture {
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
function stacked(pictures: readonly Picture[]): Picture {
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

function save(file: string, { width, height, rgb }: Picture): void {
  const png = new PNG({ width, height })
  for (let i = 0; i < width * height; i++) {
    for (let k = 0; k < 3; k++) png.data[4 * i + k] = Math.round(255 * Math.min(1, Math.max(0, rgb[3 * i + k]!)))
    png.data[4 * i + 3] = 255
  }
  writeFileSync(file, PNG.sync.write(png))
}
