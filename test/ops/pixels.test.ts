/** Packing: the order of the bytes, windows, and alpha that does not count. */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { packSquare } from '../../src/ops/pixels.ts'

const t = suite('ops/pixels')

t('a pixel is r | g << 8 | b << 16 | 255 << 24', () => {
  const out = new Uint32Array(1)
  packSquare({ width: 1, channels: 3, data: Uint8Array.of(1, 128, 255) }, { left: 0, top: 0, side: 1 }, out)
  assert.is(out[0], 0xffff8001)
})

t('a window of RGB, and of RGBA with any alpha', () => {
  const [width, height] = [5, 4]
  const value = (x: number, y: number, c: number) => 10 * y + x + 100 * c
  for (const channels of [3, 4] as const) {
    const data = Uint8ClampedArray.from({ length: width * height * channels }, (_, i) => {
      const pixel = Math.floor(i / channels)
      return i % channels === 3 ? pixel : value(pixel % width, Math.floor(pixel / width), i % channels)
    })
    for (const { left, top, side } of [
      { left: 0, top: 0, side: 4 },
      { left: 2, top: 1, side: 3 },
      { left: 4, top: 3, side: 1 },
    ]) {
      const out = new Uint32Array(side * side + 1).fill(7)
      packSquare({ width, channels, data }, { left, top, side }, out)
      for (let y = 0; y < side; y++)
        for (let x = 0; x < side; x++)
          assert.equal(
            [0, 8, 16, 24].map(shift => (out[y * side + x]! >>> shift) & 255),
            [0, 1, 2].map(c => value(left + x, top + y, c)).concat(255),
          )
      assert.is(out.at(-1), 7)
    }
  }
})

t.run()
