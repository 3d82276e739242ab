/** Maps that say where a bird truly is, for a sampler that is told, moved along with the augmented image. */
import type { Dataset } from '../data/dataset.ts'
import { CHANGE_SIZE } from '../ops/image.ts'

/**
 * Beside the box a little is left, so that the sampler still shows its surroundings. Chosen, not tuned: a reference,
 * not a limit of what a map can do.
 */
const OUTSIDE = 0.12

/**
 * (N,h,w): 1 in the box, 0.12 outside; 1 everywhere where no box is known. `boxes` (N,4): left, top, right, bottom as
 * shares of the square, four zeros for none; `change` (N,9): as augment() gets it. A place of the augmented image comes
 * from change's affine map of it, so that is where to look it up.
 */
export function boxMaps(
  boxes: Float32Array,
  change: Float32Array,
  [h, w]: readonly [number, number],
): Float32Array<ArrayBuffer> {
  const N = boxes.length / 4
  const maps = new Float32Array(N * h * w)
  for (let n = 0, at = 0; n < N; n++) {
    const [left, top, right, bottom] = boxes.subarray(4 * n) as unknown as [number, number, number, number]
    const [a, b, c, d, e, f] = change.subarray(CHANGE_SIZE * n) as unknown as [
      number,
      number,
      number,
      number,
      number,
      number,
    ]
    for (let i = 0; i < h; i++)
      for (let j = 0; j < w; j++, at++) {
        const px = ((j + 0.5) * 2) / w - 1
        const py = ((i + 0.5) * 2) / h - 1 // places run from -1 to 1
        const x = (a * px + b * py + c + 1) / 2
        const y = (d * px + e * py + f + 1) / 2
        maps[at] = right > left && (x < left || x > right || y < top || y > bottom) ? OUTSIDE : 1
      }
  }
  return maps
}

/** @throws where an image has no box. */
export function checkBoxes({ train, test, dir }: Dataset): void {
  const without = [...train, ...test].filter(s => !s.box).length
  if (without)
    throw new Error(
      `to be shown the true boxes, every image needs one: ${without} of ${train.length + test.length} in ${dir} ` +
        'have no line in bounding_boxes.txt',
    )
}
