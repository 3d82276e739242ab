/** How well attention finds the bird: the share of the mean map that lies in its box and near its parts. */
import type { Loader } from '../data/loader.ts'
import { scope } from '../engine/eager.ts'
import { persistent, read, release } from '../engine/transfer.ts'
import { augment, CHANGE_SIZE } from '../ops/image.ts'
import type { Tasn } from '../tasn/network.ts'
import { noChanges } from '../train/augmentation.ts'

/** The distance that counts as near a part, as a share of the image's side. */
const NEAR = 1 / 16

/**
 * Shares of a map's mass, means over images; `uniform...` those of a map that is the same everywhere. Undefined where
 * the data has no boxes or parts.
 */
export interface AttentionQuality {
  readonly inBox: number | undefined
  readonly uniformInBox: number | undefined
  /**
   * In the box of another bird, that of the image before: what a map gets for being bright in the middle, where most
   * birds are.
   */
  readonly inOtherBox: number | undefined
  readonly nearParts: number | undefined
  readonly uniformNearParts: number | undefined
}

/** Over all images of the loader, by the centres of the map's cells. */
export async function attentionQuality(model: Tasn, loader: Loader): Promise<AttentionQuality> {
  const { batch: N, size } = loader.options
  const change = persistent([N, CHANGE_SIZE], noChanges(N))
  const sums = { box: 0, uniformBox: 0, boxes: 0, otherBox: 0, others: 0, parts: 0, uniformParts: 0, birds: 0 }
  let before: ArrayLike<number> | undefined
  model.train(false)
  for await (const { pixels, boxes, parts, count } of loader.epoch(0)) {
    const input = persistent([N, size, size], pixels)
    const [map] = scope(() => [model.structureView(model.attend(augment(input, change)).features).map])
    const values = await read(map)
    const [, h, w] = map.shape as [number, number, number]
    release(input)
    release(map)
    for (let n = 0; n < count; n++) {
      const box = boxes.subarray(4 * n, 4 * n + 4)
      const here = parts[n]!
      const share = (inside: (x: number, y: number) => boolean) =>
        shareOf(values.subarray(n * h * w, (n + 1) * h * w), [h, w], inside)
      const known = box[2]! > box[0]!
      const inBox = known ? share((x, y) => within(box, x, y)) : undefined
      if (inBox) {
        sums.boxes++
        sums.box += inBox.mass
        sums.uniformBox += inBox.area
        const other = before
        if (other) {
          sums.others++
          sums.otherBox += share((x, y) => within(other, x, y))!.mass
        }
        before = box
      }
      const near = here.length ? share((x, y) => here.some(p => Math.hypot(p.x - x, p.y - y) <= NEAR)) : undefined
      if (near) {
        sums.birds++
        sums.parts += near.mass
        sums.uniformParts += near.area
      }
    }
  }
  release(change)
  const mean = (sum: number, n: number) => (n ? sum / n : undefined)
  return {
    inBox: mean(sums.box, sums.boxes),
    uniformInBox: mean(sums.uniformBox, sums.boxes),
    inOtherBox: mean(sums.otherBox, sums.others),
    nearParts: mean(sums.parts, sums.birds),
    uniformNearParts: mean(sums.uniformParts, sums.birds),
  }
}

const within = (box: ArrayLike<number>, x: number, y: number): boolean =>
  x >= box[0]! && x <= box[2]! && y >= box[1]! && y <= box[3]!

/**
 * Shares of a map's (h,w) mass and of its area that lie inside, by the centres of its cells; undefined for a map
 * without mass.
 */
export function shareOf(
  map: Float32Array,
  [h, w]: readonly [number, number],
  inside: (x: number, y: number) => boolean,
): { mass: number; area: number } | undefined {
  let total = 0
  let mass = 0
  let cells = 0
  for (let i = 0, k = 0; i < h; i++)
    for (let j = 0; j < w; j++, k++) {
      total += map[k]!
      if (!inside((j + 0.5) / w, (i + 0.5) / h)) continue
      mass += map[k]!
      cells++
    }
  return total > 0 ? { mass: mass / total, area: cells / (h * w) } : undefined
}
