/** Bilinear resizing in both conventions and area resizing against plain loops. */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { scope } from '../../src/engine/eager.ts'
import { persistent, read } from '../../src/engine/transfer.ts'
import { resizeArea, resizeBilinear } from '../../src/ops/resize.ts'
import { type Case, check, checkRungs, type Ref } from '../support/check.ts'

/** The definition: weights of n_in rows in each of n_out rows, as a matrix. */
const taps = (from: number, to: number, alignCorners: boolean): number[][] =>
  Array.from({ length: to }, (_, o) => {
    const raw = alignCorners ? (to > 1 ? (o * (from - 1)) / (to - 1) : 0) : ((o + 0.5) * from) / to - 0.5
    const at = Math.min(Math.max(raw, 0), from - 1)
    const low = Math.floor(at)
    return Array.from({ length: from }, (_, i) => (i === low ? 1 - (at - low) : i === low + 1 ? at - low : 0))
  })
const covered = (from: number, to: number): number[][] =>
  Array.from({ length: to }, (_, o) =>
    Array.from(
      { length: from },
      (_, i) => Math.max(0, Math.min(i + 1, ((o + 1) * from) / to) - Math.max(i, (o * from) / to)) / (from / to),
    ),
  )

const apply = ({ shape, data }: Ref, rows: number[][], columns: number[][]): number[] => {
  const [N, C, H, W] = shape as [number, number, number, number]
  const y: number[] = []
  for (let n = 0; n < N * C; n++)
    for (const row of rows)
      for (const column of columns) {
        let s = 0
        for (let h = 0; h < H; h++) for (let w = 0; w < W; w++) s += row[h]! * column[w]! * data[(n * H + h) * W + w]!
        y.push(s)
      }
  return y
}

const SIZES: [[number, number], [number, number]][] = [
  [
    [5, 7],
    [5, 7],
  ],
  [
    [5, 7],
    [10, 14],
  ],
  [
    [5, 7],
    [3, 4],
  ],
  [
    [4, 4],
    [7, 3],
  ],
  [
    [1, 1],
    [3, 5],
  ],
  [
    [5, 6],
    [1, 1],
  ],
  [
    [1, 9],
    [4, 2],
  ],
  [
    [2, 3],
    [13, 17],
  ],
  [
    [17, 13],
    [2, 3],
  ],
  [
    [3, 8],
    [3, 1],
  ],
  [
    [2, 2],
    [31, 2],
  ],
  [
    [28, 5],
    [9, 5],
  ],
  [
    [6, 1],
    [11, 3],
  ],
]

const t = suite('ops/resize')

for (const alignCorners of [false, true]) {
  t(`bilinear, ${alignCorners ? 'corner pixels' : 'corners of the image'} meet`, async () => {
    for (const [[H, W], out] of SIZES) {
      await check(
        [[2, 3, H, W]],
        x => resizeBilinear(x!, out, { alignCorners }),
        ([x]) => apply(x!, taps(H, out[0], alignCorners), taps(W, out[1], alignCorners)),
      )
    }
  })
}

t('area: every rung, whole cells and parts of pixels', async () => {
  const more: typeof SIZES = [
    // the same parts of pixels again after 8 columns, 12, and all
    [
      [9, 48],
      [7, 42],
    ],
    [
      [5, 24],
      [5, 10],
    ],
    [
      [8, 16],
      [3, 13],
    ],
    [
      [192, 3],
      [64, 3],
    ],
    [
      [10, 14],
      [5, 7],
    ],
    [
      [6, 65],
      [2, 65],
    ],
    [
      [4, 268],
      [1, 134],
    ],
    [
      [3, 7],
      [1, 1],
    ],
  ]
  await checkRungs(
    ['resize area'],
    [...SIZES, ...more].map(
      ([[H, W], out]): Case => [
        [[2, 3, H, W]],
        x => resizeArea(x!, out),
        ([x]) => apply(x!, covered(H, out[0]), covered(W, out[1])),
        { gradients: [] },
      ],
    ),
  )
})

t('the same size changes nothing, to the bit', async () => {
  const data = Float32Array.from({ length: 2 * 11 * 13 }, (_, i) => Math.sin(i))
  const x = persistent([1, 2, 11, 13], data)
  const [a, b] = scope(() => [resizeBilinear(x, [11, 13]), resizeBilinear(x, [11, 13], { alignCorners: true })])
  assert.equal(await read(a), data)
  assert.equal(await read(b), data)
})

t.run()
