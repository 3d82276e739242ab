/** How training images are varied: numbers drawn on the host, applied on the GPU by ops/image.ts. */

import type { Random } from '../engine/random.ts'
import { CHANGE_SIZE, NO_CHANGE } from '../ops/image.ts'

export interface Augmentation {
  /** Probability of mirroring left and right. */
  mirror: number
  /** Largest rotation either way, degrees. */
  rotate: number
  /** Largest shift either way, as a share of the image. */
  shift: number
  /** Zoom factor drawn between 1/(1+zoom) and 1+zoom. */
  zoom: number
  /** Brightness, contrast and saturation factors are each drawn between 1-jitter and 1+jitter. */
  jitter: number
}

/** The (N,9) numbers of ops/image.ts's augment() for a batch. */
export function drawChanges(
  random: Random,
  N: number,
  { mirror, rotate, shift, zoom, jitter }: Augmentation,
): Float32Array<ArrayBuffer> {
  const changes = new Float32Array(N * CHANGE_SIZE)
  for (let n = 0; n < N; n++) {
    const angle = (random.uniform(-rotate, rotate) * Math.PI) / 180
    const size = (1 + zoom) ** random.uniform(-1, 1)
    const flip = random.next() < mirror ? -1 : 1
    const c = Math.cos(angle) / size
    const s = Math.sin(angle) / size
    // Places run from -1 to 1 over the image, so a share of the image is twice that in places.
    const move = () => 2 * random.uniform(-shift, shift)
    const factor = () => 1 + random.uniform(-jitter, jitter)
    changes.set([c * flip, -s, move(), s * flip, c, move(), factor(), factor(), factor()], n * CHANGE_SIZE)
  }
  return changes
}

/** The (N,9) numbers that leave a batch as it is: for testing. */
export const noChanges = (N: number): Float32Array<ArrayBuffer> =>
  Float32Array.from({ length: N * CHANGE_SIZE }, (_, i) => NO_CHANGE[i % CHANGE_SIZE]!)
