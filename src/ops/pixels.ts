/** Pixels as augment() takes them: RGBA8 packed in a 32-bit number. All of it is on the host, before any tensor. */

/** An image's bytes, row by row, three (RGB) or four (RGBA) a pixel. */
export interface ImageBytes {
  /** Width in pixels. */
  readonly width: number
  readonly channels: 3 | 4
  readonly data: Uint8Array | Uint8ClampedArray
}

/**
 * Packs a square window of an image into `out`, row by row: r | g << 8 | b << 16 | 255 << 24. Alpha is ignored.
 * The window must lie inside the image, `left` and `top` being its first pixel, and `out` must hold side * side pixels.
 */
export function packSquare(
  { width, channels, data }: ImageBytes,
  { left, top, side }: { left: number; top: number; side: number },
  out: Uint32Array,
): void {
  for (let y = 0, to = 0; y < side; y++) {
    for (let x = 0, from = channels * ((top + y) * width + left); x < side; x++, from += channels) {
      out[to++] = data[from]! | (data[from + 1]! << 8) | (data[from + 2]! << 16) | (255 << 24)
    }
  }
}

/**
 * The same with each pixel of `out` the mean of `factor` x `factor` pixels of the image, rounded: the window is
 * side * factor pixels wide and high. For photographs that are larger than anybody needs.
 */
export function packShrunk(
  { width, channels, data }: ImageBytes,
  { left, top, side }: { left: number; top: number; side: number },
  factor: number,
  out: Uint32Array,
): void {
  const sums = new Uint32Array(3 * side)
  const count = factor * factor
  const mean = (i: number): number => Math.floor((sums[i]! + count / 2) / count)
  for (let y = 0; y < side; y++) {
    sums.fill(0)
    for (let row = 0; row < factor; row++) {
      let from = channels * ((top + y * factor + row) * width + left)
      for (let x = 0; x < sums.length; x += 3)
        for (let column = 0; column < factor; column++, from += channels) {
          sums[x]! += data[from]!
          sums[x + 1]! += data[from + 1]!
          sums[x + 2]! += data[from + 2]!
        }
    }
    for (let x = 0; x < side; x++)
      out[y * side + x] = mean(3 * x) | (mean(3 * x + 1) << 8) | (mean(3 * x + 2) << 16) | (255 << 24)
  }
}
