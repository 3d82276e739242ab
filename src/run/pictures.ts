/**
 * Pictures of what TASN sees: for a few test birds the image, its attention, the warped grid and both samples, as PNG.
 */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Loader } from '../data/loader.ts'
import { scope } from '../engine/eager.ts'
import { Random } from '../engine/random.ts'
import type { Tensor } from '../engine/tensor.ts'
import { persistent, readAll, release } from '../engine/transfer.ts'
import { augment, CHANGE_SIZE } from '../ops/image.ts'
import type { Tasn } from '../tasn/network.ts'
import { noChanges } from '../train/augmentation.ts'
import { enlarged, heat, type Picture, photo, save, shrunk, sideBySide, stacked, warped } from './picture.ts'
import { titleStrip } from './titles.ts'

/** Two single maps beside the one that made the detail sample. */
const CHANNEL_MAPS = 2
/** The stream of the seed that picks the detail maps. */
const STREAM = 77

/** The columns of an overview from left to right: the name of a picture's file, and its title. */
export const COLUMNS = {
  image: 'image',
  attention: 'mean attention',
  'detail-map': 'detail map',
  'channel-1': 'another map',
  'channel-2': 'another map',
  grid: 'grid',
  structure: 'structure-preserved',
  detail: 'detail-preserved',
  shrunk: 'plainly shrunk',
} as const
type Column = keyof typeof COLUMNS

/**
 * Writes for each of `count` test images (spread over the classes) NN-*.png one by one, NN-overview.png side by side,
 * and overview.png with all of them under the titles of their columns.
 * @returns the file of the last.
 */
export async function savePictures(
  model: Tasn,
  loader: Loader,
  dir: string,
  { count = 6, seed = 0 } = {},
): Promise<string> {
  mkdirSync(dir, { recursive: true })
  const random = new Random(seed, STREAM)
  const u = Float32Array.from({ length: loader.options.batch }, () => random.next())
  const every = Math.max(1, Math.floor(loader.samples.length / count))
  const wanted = new Set(Array.from({ length: count }, (_, i) => i * every + (i % every)))
  const overviews: Picture[] = []
  model.train(false)
  for await (const { indices, pixels, count: real } of loader.epoch(0)) {
    const here = [...indices.keys()].slice(0, real).filter(slot => wanted.has(indices[slot]!))
    if (!here.length) continue
    const seen = await look(model, pixels, u)
    for (const slot of here) {
      const views = viewsOf(seen, slot)
      const number = `${overviews.length + 1}`.padStart(2, '0')
      for (const [name, p] of Object.entries(views)) save(join(dir, `${number}-${name}.png`), p)
      const overview = sideBySide(Object.values(views))
      save(join(dir, `${number}-overview.png`), overview)
      overviews.push(overview)
    }
    if (overviews.length >= count) break
  }
  const file = join(dir, 'overview.png')
  save(file, stacked([titleStrip(Object.values(COLUMNS), loader.options.size), ...overviews]))
  return file
}

const PARTS = ['x', 'maps', 'map', 'detailMap', 'rows', 'columns', 'structure', 'detail'] as const
type Part = (typeof PARTS)[number]

/** A tensor on the host. */
interface Host {
  readonly shape: readonly number[]
  readonly data: Float32Array
}

/**
 * All that TASN makes of a batch of N packed images, from image to samples: images `x` and samples (N,3,h,w), attention
 * `maps` (N,C,hw), the structure and the detail view's map (N,h,w), and the rows (N,h) and columns (N,w) of the
 * structure view's grid.
 */
async function look(model: Tasn, pixels: Uint32Array, u: Float32Array): Promise<Record<Part, Host>> {
  const N = u.length
  const side = Math.sqrt(pixels.length / N)
  const inputs = [
    persistent([N, side, side], pixels),
    persistent([N, CHANGE_SIZE], noChanges(N)),
    persistent([N], u),
  ] as const
  let parts!: Record<Part, Tensor>
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
  const data = await readAll(PARTS.map(name => parts[name]))
  const host = PARTS.map((name, i) => [name, { shape: parts[name].shape, data: data[i] }])
  for (const t of [...inputs, ...Object.values(parts)]) release(t)
  return Object.fromEntries(host) as Record<Part, Host>
}

/** The pictures of one image of a batch, in the order of COLUMNS. */
function viewsOf(seen: Record<Part, Host>, slot: number): Record<Column, Picture> {
  const one = (name: Part): Float32Array => {
    const { shape, data } = seen[name]
    const n = data.length / shape[0]!
    return data.subarray(slot * n, (slot + 1) * n)
  }
  const [, , size] = seen.x.shape as [number, number, number, number]
  const [, , sh, sw] = seen.structure.shape as [number, number, number, number]
  const [, h, w] = seen.map.shape as [number, number, number]
  const image = photo(one('x'), size, size)
  const maps = one('maps')
  const channels = Array.from({ length: seen.maps.shape[1]! }, (_, c) => maps.subarray(c * h * w, (c + 1) * h * w))
  const chosen = different(channels, one('detailMap'), CHANNEL_MAPS)
  const flat = new Float32Array(h * w) // stands in where so many different maps are not to be found
  return {
    image,
    attention: heat(image, one('map'), h, w),
    'detail-map': heat(image, one('detailMap'), h, w),
    'channel-1': heat(image, chosen[0] ?? flat, h, w),
    'channel-2': heat(image, chosen[1] ?? flat, h, w),
    grid: warped(image, one('rows'), one('columns')),
    structure: enlarged(photo(one('structure'), sh, sw), size),
    detail: enlarged(photo(one('detail'), sh, sw), size),
    shrunk: enlarged(shrunk(image, sh, sw), size),
  }
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
