/** How well attention finds the bird: the share of the mean map that lies in its box and near its parts. */
import type { Loader } from '../data/loader.ts'
import { persistent, read, release, scope } from '../execute.ts'
import type { Tasn } from '../models/tasn.ts'
import { CHANGE_SIZE, augment } from '../ops/image.ts'
import { noChanges } from './augmentation.ts'

/** What counts as near a part: this share of the image's side. */
const NEAR = 1 / 16

/** Shares of a map's mass, means over images; `uniform...` those of a map that is the same everywhere. Undefined where the data has no boxes or parts. */
export interface AttentionQuality {
  readonly inBox: number | undefined
  readonly uniformInBox: number | undefined
  readonly nearParts: number | undefined
  readonly uniformNearParts: number | undefined
}

/** Over all images of the loader, by the centres of the map's cells. */
export async function attentionQuality(model: Tasn, loader: Loader): Promise<AttentionQuality> {
  const { batch: N, size } = loader.options, change = persistent([N, CHANGE_SIZE], noChanges(N))
  const sums = { box: 0, uniformBox: 0, boxes: 0, parts: 0, uniformParts: 0, birds: 0 }
  model.train(false)
  for await (const { pixels, boxes, parts, count } of loader.epoch(0)) {
    const input = persistent([N, size, size], pixels)
    const [map] = scope(() => [model.views(model.attend(augment(input, change)).features).structure.map])
    const values = await read(map), [, h, w] = map.shape as [number, number, number]
    release(input)
    for (let n = 0; n < count; n++) {
      const [left, top, right, bottom] = boxes.subarray(4 * n) as unknown as [number, number, number, number], here = parts[n]!
      let total = 0, inBox = 0, near = 0, cellsInBox = 0, cellsNear = 0
      for (let i = 0; i < h; i++) for (let j = 0; j < w; j++) {
        const v = values[(n * h + i) * w + j]!, x = (j + 0.5) / w, y = (i + 0.5) / h
        total += v
        if (x >= left && x <= right && y >= top && y <= bottom) {
          inBox += v
          cellsInBox++
        }
        if (here.some(p => Math.hypot(p.x - x, p.y - y) <= NEAR)) {
          near += v
          cellsNear++
        }
      }
      if (!(total > 0)) continue
      if (right > left) {
        sums.boxes++
        sums.box += inBox / total
        sums.uniformBox += cellsInBox / (h * w)
      }
      if (here.length) {
        sums.birds++
        sums.parts += near / total
        sums.uniformParts += cellsNear / (h * w)
      }
    }
  }
  release(change)
  const mean = (sum: number, n: number) => n ? sum / n : undefined
  return { inBox: mean(sums.box, sums.boxes), uniformInBox: mean(sums.uniformBox, sums.boxes),
    nearParts: mean(sums.parts, sums.birds), uniformNearParts: mean(sums.uniformParts, sums.birds) }
}
