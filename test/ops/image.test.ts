/** Augmentation: what must be exact (nothing, a mirror, a quarter turn) and everything together against a loop. */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { scope } from '../../src/engine/eager.ts'
import { empty } from '../../src/engine/launch.ts'
import { Random } from '../../src/engine/random.ts'
import { persistent, read } from '../../src/engine/transfer.ts'
import { augment, CHANGE_SIZE, IMAGENET_MEAN, IMAGENET_STD, mirror, NO_CHANGE } from '../../src/ops/image.ts'
import { check, relative } from '../support/check.ts'

interface Photos {
  N: number
  H: number
  W: number
  packed: Uint32Array
  at(n: number, c: number, h: number, w: number): number
}

/** Random pixels; `at` clamps to the edge and runs from 0 to 1. */
const photos = (N: number, H: number, W: number, seed = 1): Photos => {
  const random = new Random(seed)
  const packed = Uint32Array.from({ length: N * H * W }, () => Math.floor(random.next() * 2 ** 32))
  const clamp = (v: number, n: number) => Math.min(Math.max(v, 0), n - 1)
  return {
    N,
    H,
    W,
    packed,
    at: (n, c, h, w) => ((packed[(n * H + clamp(h, H)) * W + clamp(w, W)]! >>> (8 * c)) & 255) / 255,
  }
}
const run = async ({ N, H, W, packed }: Photos, changes: readonly number[][]): Promise<Float32Array> => {
  const [y] = scope(() => [
    augment(persistent([N, H, W], packed), persistent([N, CHANGE_SIZE], Float32Array.from(changes.flat()))),
  ])
  assert.equal(y.shape, [N, 3, H, W])
  return read(y)
}
/** y[n,c,h,w] from a function of n, c, h and w, normalised. */
const loop = ({ N, H, W }: Photos, f: (n: number, h: number, w: number) => number[]): number[] => {
  const y = new Array<number>(N * 3 * H * W)
  for (let n = 0; n < N; n++)
    for (let h = 0; h < H; h++)
      for (let w = 0; w < W; w++) {
        f(n, h, w).forEach((v, c) => {
          y[((n * 3 + c) * H + h) * W + w] = (v - IMAGENET_MEAN[c]!) / IMAGENET_STD[c]!
        })
      }
  return y
}
const RGB = [0, 1, 2]

const t = suite('ops/image')

t('mirror: left and right change places, and so do the gradients', async () => {
  for (const shape of [
    [2, 3, 4, 5],
    [7, 1],
    [1, 67],
  ])
    await check(
      [shape],
      x => mirror(x!),
      ([x]) => {
        const W = shape.at(-1)!
        return x!.data.map((_, i, all) => all[i - (i % W) + W - 1 - (i % W)]!)
      },
    )
})

t('no change reproduces the pixels', async () => {
  for (const [N, H, W] of [
    [2, 5, 7],
    [1, 1, 1],
    [3, 16, 11],
    [1, 64, 64],
  ] as const) {
    const p = photos(N, H, W)
    const got = await run(p, new Array<number[]>(N).fill([...NO_CHANGE]))
    const error = relative(
      got,
      loop(p, (n, h, w) => RGB.map(c => p.at(n, c, h, w))),
    )
    assert.ok(error < 1e-6 * Math.max(1, W / 16), `${N}x${H}x${W}: ${error}`)
  }
})

t('mirrors, and quarter turns of a square', async () => {
  const p = photos(5, 9, 9)
  const L = 8
  const got = await run(
    p,
    [
      [-1, 0, 0, 0, 1, 0],
      [1, 0, 0, 0, -1, 0],
      [0, -1, 0, 1, 0, 0],
      [0, 1, 0, -1, 0, 0],
      [-1, 0, 0, 0, -1, 0],
    ].map(m => [...m, 1, 1, 1]),
  )
  const from = [
    (h: number, w: number) => [h, L - w],
    (h: number, w: number) => [L - h, w],
    (h: number, w: number) => [w, L - h],
    (h: number, w: number) => [L - w, h],
    (h: number, w: number) => [L - h, L - w],
  ]
  assert.ok(
    relative(
      got,
      loop(p, (n, h, w) => {
        const [a, b] = from[n]!(h, w)
        return RGB.map(c => p.at(n, c, a!, b!))
      }),
    ) < 2e-6,
  )
})

t('a shift by whole pixels repeats the edge', async () => {
  const p = photos(2, 8, 6)
  const got = await run(p, [
    [1, 0, (2 * 2) / 6, 0, 1, 0, 1, 1, 1],
    [1, 0, 0, 0, 1, (-2 * 3) / 8, 1, 1, 1],
  ])
  assert.ok(
    relative(
      got,
      loop(p, (n, h, w) => RGB.map(c => p.at(n, c, n ? h - 3 : h, n ? w : w + 2))),
    ) < 2e-6,
  )
})

t('everything at once agrees with a loop', async () => {
  const random = new Random(3)
  const p = photos(7, 13, 18)
  const changes = Array.from({ length: 7 }, () =>
    [
      ...Array.from({ length: 6 }, () => random.uniform(-1.2, 1.2)),
      random.uniform(0.5, 1.5),
      random.uniform(0.5, 1.5),
      random.uniform(0.5, 1.5),
    ].map(Math.fround),
  )
  const want = loop(p, (n, h, w) => {
    const [a, b, c, d, e, f, brightness, contrast, saturation] = changes[n] as [
      number,
      number,
      number,
      number,
      number,
      number,
      number,
      number,
      number,
    ]
    const x = ((w + 0.5) * 2) / 18 - 1
    const y = ((h + 0.5) * 2) / 13 - 1
    const sx = ((a * x + b * y + c + 1) / 2) * 18 - 0.5
    const sy = ((d * x + e * y + f + 1) / 2) * 13 - 0.5
    const x0 = Math.floor(sx)
    const y0 = Math.floor(sy)
    const u = sx - x0
    const v = sy - y0
    const rgb = RGB.map(
      k =>
        (1 - v) * ((1 - u) * p.at(n, k, y0, x0) + u * p.at(n, k, y0, x0 + 1)) +
        v * ((1 - u) * p.at(n, k, y0 + 1, x0) + u * p.at(n, k, y0 + 1, x0 + 1)),
    )
      .map(k => k * brightness)
      .map(k => 0.5 + contrast * (k - 0.5))
    const grey = 0.299 * rgb[0]! + 0.587 * rgb[1]! + 0.114 * rgb[2]!
    return rgb.map(k => grey + saturation * (k - grey))
  })
  assert.ok(relative(await run(p, changes), want) < 1e-5)
})

t('saturation 0 is grey, contrast 0 mid-grey, brightness 0 black', async () => {
  const p = photos(3, 4, 5)
  const y = await run(p, [
    [1, 0, 0, 0, 1, 0, 1, 1, 0],
    [1, 0, 0, 0, 1, 0, 1, 0, 1],
    [1, 0, 0, 0, 1, 0, 0, 1, 1],
  ])
  const want = loop(p, (n, h, w) =>
    n === 0
      ? RGB.map(() => 0.299 * p.at(n, 0, h, w) + 0.587 * p.at(n, 1, h, w) + 0.114 * p.at(n, 2, h, w))
      : n === 1
        ? [0.5, 0.5, 0.5]
        : [0, 0, 0],
  )
  assert.ok(relative(y, want) < 2e-6)
})

t('what does not fit is named', () => {
  scope(() => {
    assert.throws(() => augment(empty([2, 4, 4]), empty([2, 9])), /packed in u32/)
    assert.throws(() => augment(empty([2, 4, 4], 'u32'), empty([2, 8])), /change must be \[2,9\], found \[2,8\]/)
    return []
  })
})

t.run()
