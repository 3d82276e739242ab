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
