/**
 * The sampler: the published numbers, its properties, its edge cases, and a float64 reference written from the
 * specification.
 */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { scope } from '../../src/engine/eager.ts'
import { empty } from '../../src/engine/launch.ts'
import { Random } from '../../src/engine/random.ts'
import { detached } from '../../src/engine/tape.ts'
import { persistent, read, release } from '../../src/engine/transfer.ts'
import { valueAndGrad } from '../../src/ops/backward.ts'
import { concat } from '../../src/ops/batch.ts'
import { reshape } from '../../src/ops/elementwise.ts'
import { sum } from '../../src/ops/reduce.ts'
import { resizeBilinear } from '../../src/ops/resize.ts'
import {
  densities,
  invert,
  marginals,
  type SamplerMode,
  type SamplerOptions,
  sampleGrid,
  samplingGrid,
} from '../../src/ops/sampler.ts'
import { type Case, check, checkRungs, distinct, type Ref, relative } from '../support/check.ts'

type Size = readonly [number, number]
const MODES: readonly SamplerMode[] = ['half-pixel', 'torch']
const total = (p: ArrayLike<number>): number => Array.from(p).reduce((a, b) => a + b, 0)
const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i)

// ---- the reference
// --------------------------------------------------------------------------------------------------------

const profiles = (A: number[][]): { rows: number[]; columns: number[] } => {
  const clean = A.map(row => row.map(v => (Number.isFinite(v) && v > 0 ? v : 0)))
  return {
    rows: clean.map(row => Math.max(...row)),
    columns: clean[0]!.map((_, w) => Math.max(...clean.map(row => row[w]!))),
  }
}

/**
 * Steps 1 to 3 of the published code; the clamp in units of each axis' own mean density, which for a square is the
 * same.
 */
function referenceDensities(
  rows: number[],
  columns: number[],
  [OH, OW]: Size,
  { dense = 4, iterations = 5, coupled = true }: SamplerOptions,
) {
  const normalised = (p: number[]) => {
    const s = total(p)
    return p.map(v => (s > 0 ? (v * p.length) / s : 1))
  }
  let y = normalised(rows)
  let x = normalised(columns)
  for (let j = 0; j < iterations; j++) {
    let ty = Math.max(...y)
    let tx = Math.max(...x)
    if (coupled) ty = tx = Math.min(ty, tx)
    if (j === 0) {
      ty = Math.min(ty, dense)
      tx = Math.min(tx, dense)
    }
    const clamp = (p: number[], t: number) => {
      const cut = p.map(v => Math.min(v, t))
      const back = (p.length - total(cut)) / p.length
      return cut.map(v => v + back)
    }
    y = clamp(y, ty)
    x = clamp(x, tx)
  }
  return { dy: y.map(v => (v * OH) / y.length), dx: x.map(v => (v * OW) / x.length) }
}

/** Steps 4 and 5: positions in source pixels. */
function referencePositions(p: number[], out: number, source: number, mode: SamplerMode): number[] {
  const L = p.length
  if (mode === 'torch') {
    const c = [0]
    for (let k = 1; k < L; k++) c.push(c[k - 1]! + p[k]!)
    let j = 1
    return range(out).map(i => {
      const goal = (i * c[L - 1]!) / out
      while (c[j]! < goal) j++
      return ((j + (goal - c[j]!) / (c[j]! - c[j - 1]!)) * (source - 1)) / (L - 1)
    })
  }
  return range(out).map(i => {
    let goal = ((i + 0.5) / out) * total(p)
    let k = 0
    while (k < L - 1 && p[k]! < goal) goal -= p[k++]!
    return Math.min(Math.max(((k + goal / p[k]!) * source) / L - 0.5, 0), source - 1)
  })
}

/** x read at the grid of rows and columns, bilinear. */
function referenceSample(
  { shape: [N, C, H, W], data }: Ref,
  rows: number[][],
  columns: number[][],
  mode: SamplerMode,
): number[] {
  const y: number[] = []
  for (let n = 0; n < N!; n++)
    for (let c = 0; c < C!; c++)
      for (const r of rows[n]!)
        for (const q of columns[n]!) {
          let s = 0
          for (const [h, a] of [
            [Math.floor(r), 1 - (r - Math.floor(r))],
            [Math.floor(r) + 1, r - Math.floor(r)],
          ] as const) {
            for (const [w, b] of [
              [Math.floor(q), 1 - (q - Math.floor(q))],
              [Math.floor(q) + 1, q - Math.floor(q)],
            ] as const) {
              const outside = h < 0 || w < 0 || h >= H! || w >= W!
              if (outside && mode === 'torch') continue
              s +=
                a *
                b *
                data[((n * C! + c) * H! + Math.min(Math.max(h, 0), H! - 1)) * W! + Math.min(Math.max(w, 0), W! - 1)]!
            }
          }
          y.push(s)
        }
  return y
}

// ---- running it
// -----------------------------------------------------------------------------------------------------------

const rowsOf = async (t: Parameters<typeof read>[0]): Promise<number[][]> => {
  const data = [...(await read(t))]
  const L = t.shape[1]!
  return range(t.shape[0]!).map(n => data.slice(n * L, (n + 1) * L))
}
const tensorOf = (maps: number[][][]) =>
  persistent([maps.length, maps[0]!.length, maps[0]![0]!.length], Float32Array.from(maps.flat(2)))

/** Densities and positions of a batch of maps. */
async function run(
  maps: number[][][],
  out: Size,
  options: SamplerOptions = {},
  image: Size = [maps[0]!.length, maps[0]![0]!.length],
) {
  const [dy, dx, fallback, rows, columns, gridFallback] = scope(() => {
    const A = tensorOf(maps)
    const m = marginals(A)
    const d = densities(m.rows, m.columns, out, options)
    const g = samplingGrid(A, image, out, options)
    return [d.dy, d.dx, d.fallback, g.rows, g.columns, g.fallback]
  })
  assert.equal([...(await read(fallback))], [...(await read(gridFallback))])
  return {
    dy: await rowsOf(dy),
    dx: await rowsOf(dx),
    fallback: [...(await read(fallback))],
    rows: await rowsOf(rows),
    columns: await rowsOf(columns),
  }
}
type Run = Awaited<ReturnType<typeof run>>

const random = new Random(11)
const randomMap = (H: number, W: number, floor = 0.1): number[][] =>
  range(H).map(() => range(W).map(() => Math.fround(floor + random.next() ** 4 * 3)))
const flat = (H: number, W: number, value = 1): number[][] => range(H).map(() => new Array<number>(W).fill(value))
const transposed = <T>(A: T[][]): T[][] => A[0]!.map((_, w) => A.map(row => row[w]!))

function near(got: readonly number[], want: readonly number[], tolerance: number, what = ''): void {
  assert.is(got.length, want.length)
  const worst = Math.max(...got.map((v, i) => (Number.isFinite(v) ? Math.abs(v - want[i]!) : Infinity)))
  assert.ok(worst <= tolerance, `${what} off by ${worst}\n  got  ${got}\n  want ${want}`)
}

/** Properties that hold for every map. */
function sane({ dy, dx, rows, columns }: Run, [OH, OW]: Size, [H, W]: Size, what = ''): void {
  for (const [d, sum] of [
    [dy, OH],
    [dx, OW],
  ] as const)
    for (const p of d) {
      assert.ok(
        p.every(v => v >= 0),
        `${what}: a density below zero or not a number: ${p}`,
      )
      assert.ok(Math.abs(total(p) - sum) <= 1e-5 * sum, `${what}: densities add up to ${total(p)}, not ${sum}`)
    }
  for (const [positions, size] of [
    [rows, H],
    [columns, W],
  ] as const)
    for (const p of positions) {
      assert.ok(
        p.every((v, i) => v >= 0 && v <= size - 1 && (i === 0 || v >= p[i - 1]!)),
        `${what}: positions ${p} in ${size}`,
      )
    }
}

const t = suite('ops/sampler')

// ---- golden values (specification 5.4)
// --------------------------------------------------------------------------------------

const DIAMOND = [
  [0, 0, 1, 0, 0],
  [0, 1, 2, 1, 0],
  [1, 2, 8, 2, 1],
  [0, 1, 2, 1, 0],
  [0, 0, 1, 0, 0],
]
const GOLDEN = range(8).map(h => range(8).map(w => 0.5 + (DIAMOND[h]?.[w] ?? 0)))

t('golden values', async () => {
  const density = [0.666667, 1.111111, 3.777778, 1.111111, 0.666667, 0.222222, 0.222222, 0.222222]
  const torch = await run([GOLDEN], [8, 8], { mode: 'torch' })
  const half = await run([GOLDEN], [8, 8])
  for (const p of [torch.dy[0]!, torch.dx[0]!, half.dy[0]!, half.dx[0]!]) near(p, density, 2e-6)
  for (const p of [torch.rows[0]!, torch.columns[0]!])
    near(p, [0, 0.825, 1.191176, 1.433824, 1.676471, 1.919118, 2.55, 3.625], 2e-6)
  for (const p of [half.rows[0]!, half.columns[0]!])
    near(p, [0.25, 1.25, 1.6912, 1.9559, 2.2206, 2.4853, 3.35, 5.25], 6e-5)
})

t('every rung of the densities agrees with the reference, coupled and not', async () => {
  const both = ([N, H, W]: [number, number, number], options: SamplerOptions): Case => [
    [
      [N, H],
      [N, W],
    ],
    (rows, columns) => {
      const { dy, dx } = densities(rows!, columns!, [50, 30], options)
      return concat(reshape(dy, [N * H]), reshape(dx, [N * W]))
    },
    ([rows, columns]) => {
      const part = ({ data }: Ref, n: number, L: number) => [...data.subarray(n * L, (n + 1) * L)]
      const maps = range(N).map(n => referenceDensities(part(rows!, n, H), part(columns!, n, W), [50, 30], options))
      return maps.flatMap(m => m.dy).concat(maps.flatMap(m => m.dx))
    },
    {
      // A few peaks, so that there is something to cut off.
      inputs: (random, _, size) => range(size).map(() => 0.1 + random.uniform(0, 1) ** 8),
      gradients: [],
    },
  ]
  await checkRungs(
    ['sampler/density'],
    [both([3, 70, 129], {}), both([2, 5, 64], { coupled: false }), both([66, 9, 7], { dense: 2, iterations: 3 })],
  )
})

t('golden values: a uniform map is a resize', async () => {
  near((await run([flat(8, 8)], [8, 8])).rows[0]!, range(8), 2e-6)
  near((await run([flat(8, 8, 0.3)], [4, 4])).columns[0]!, [0.5, 2.5, 4.5, 6.5], 2e-6)
  const torch = (await run([flat(512, 2)], [224, 2], { mode: 'torch' })).rows[0]!
  near(
    torch,
    range(224).map(i => (i * 511) / 224),
    1e-3,
  )
})

t('golden values: what the clamp does to peaks of 512 cells', async () => {
  const gauss = (sigma: number) => range(512).map(k => Math.exp(-(((k - 255.5) / sigma) ** 2) / 2))
  const peak = async (rows: number[], columns: number[]): Promise<number[]> => {
    const [dy, dx] = scope(() => {
      const d = densities(
        persistent([1, 512], Float32Array.from(rows)),
        persistent([1, 512], Float32Array.from(columns)),
        [224, 224],
      )
      return [d.dy, d.dx]
    })
    return [Math.max(...(await read(dy))) / 0.4375, Math.max(...(await read(dx))) / 0.4375]
  }
  const one = range(512).map(k => (k === 100 ? 1 : 0))
  const cell = range(512).map(k => (k >= 100 && k < 119 ? 1 : 0))
  const even = new Array<number>(512).fill(1)
  near(await peak(gauss(60), gauss(60)), [3.4, 3.4], 0.01)
  near(await peak(gauss(20), gauss(20)), [4.4, 4.4], 0.01)
  near(await peak(cell, cell), [4.73, 4.73], 0.15)
  near(await peak(one, one), [4.99, 4.99], 0.01)
  near(await peak(gauss(20), even), [1.003, 1], 0.002)
})

// ---- properties
// -------------------------------------------------------------------------------------------------------------

const SIZES: readonly Size[] = [
  [2, 2],
  [3, 3],
  [2, 7],
  [5, 4],
  [7, 3],
  [6, 6],
  [13, 17],
  [67, 5],
]
const OUTS: readonly Size[] = [
  [1, 1],
  [2, 3],
  [5, 5],
  [11, 7],
  [65, 3],
]

t('every stage agrees with the reference, out larger than in too', async () => {
  for (const mode of MODES)
    for (const [H, W] of SIZES)
      for (const out of OUTS) {
        const maps = [randomMap(H, W), randomMap(H, W, 0.5), randomMap(H, W, 0.02)]
        const options: SamplerOptions[] = [{ mode }, { mode, coupled: false }, { mode, dense: 2, iterations: 2 }]
        const o = options[(H + W + out[0]) % 3]!
        const image: Size = (H + out[1]) % 2 ? [H, W] : [2 * H + 1, 3 * W]
        const got = await run(maps, out, o, image)
        const x = Float64Array.from({ length: 3 * 2 * image[0] * image[1] }, () => Math.fround(random.uniform(-1, 1)))
        sane(got, out, image, `${mode} ${[H, W]} to ${out}`)
        const rows: number[][] = []
        const columns: number[][] = []
        maps.forEach((A, n) => {
          const p = profiles(A)
          const d = referenceDensities(p.rows, p.columns, out, o)
          near(got.dy[n]!, d.dy, 2e-5 * out[0], 'dy')
          near(got.dx[n]!, d.dx, 2e-5 * out[1], 'dx')
          rows.push(referencePositions(d.dy, out[0], image[0], mode))
          columns.push(referencePositions(d.dx, out[1], image[1], mode))
          near(got.rows[n]!, rows[n]!, 2e-5 * image[0], `${mode} rows ${[H, W]} to ${out}`)
          near(got.columns[n]!, columns[n]!, 2e-5 * image[1], `${mode} columns ${[H, W]} to ${out}`)
        })
        const [y] = scope(() => [
          sampleGrid(
            persistent([3, 2, ...image], Float32Array.from(x)),
            samplingGrid(tensorOf(maps), image, out, o),
            mode,
          ),
        ])
        const error = relative(
          await read(y),
          referenceSample({ shape: [3, 2, ...image], data: x }, rows, columns, mode),
        )
        assert.ok(error < 1e-4 * Math.max(1, image[0] / 10), `${mode} ${[H, W]} to ${out}: sample off by ${error}`)
      }
})

t('no density is over (dense + 1) times the mean', async () => {
  const hot = (H: number, W: number) => {
    const A = flat(H, W, 1e-6)
    A[H >> 1]![W >> 2] = 1
    return A
  }
  for (const [H, W] of [
    [40, 40],
    [64, 23],
    [7, 64],
    [130, 130],
  ] as const)
    for (const dense of [1, 2, 4])
      for (const coupled of [true, false]) {
        const got = await run([hot(H, W), randomMap(H, W), randomMap(H, W, 0)], [20, 30], { dense, coupled })
        sane(got, [20, 30], [H, W])
        const peak = Math.max(...got.dy.flat().map(v => (v * H) / 20), ...got.dx.flat().map(v => (v * W) / 30))
        assert.ok(peak <= (dense + 1) * 1.00001, `dense ${dense}, ${[H, W]}: peak ${peak}`)
      }
})

t('in half-pixel mode a uniform map is exactly a resize of the image', async () => {
  const x = persistent(
    [2, 3, 9, 14],
    Float32Array.from({ length: 2 * 3 * 9 * 14 }, () => random.uniform(-1, 1)),
  )
  for (const out of [
    [9, 14],
    [4, 5],
    [20, 31],
    [1, 1],
  ] as const) {
    const [a, b] = scope(() => [
      sampleGrid(x, samplingGrid(tensorOf([flat(9, 14), flat(9, 14, 7)]), [9, 14], out)),
      resizeBilinear(x, out),
    ])
    assert.ok(relative(await read(a), await read(b)) < 5e-6)
  }
})

t('turning the map over its diagonal exchanges rows and columns', async () => {
  for (const mode of MODES)
    for (const [H, W] of [
      [5, 9],
      [12, 7],
    ] as const) {
      const maps = [randomMap(H, W), randomMap(H, W)]
      const a = await run(maps, [6, 8], { mode })
      const b = await run(maps.map(transposed), [8, 6], { mode })
      for (const n of [0, 1]) {
        near(b.rows[n]!, a.columns[n]!, 1e-6)
        near(b.columns[n]!, a.rows[n]!, 1e-6)
      }
    }
})

t('in half-pixel mode mirroring the map mirrors the positions', async () => {
  const A = randomMap(9, 14)
  const a = await run([A], [5, 7])
  const mirrored = (p: number[], size: number) => [...p].reverse().map(v => size - 1 - v)
  const right = await run([A.map(row => [...row].reverse())], [5, 7])
  const down = await run([[...A].reverse()], [5, 7])
  near(right.columns[0]!, mirrored(a.columns[0]!, 14), 5e-5)
  near(right.rows[0]!, a.rows[0]!, 5e-5)
  near(down.rows[0]!, mirrored(a.rows[0]!, 9), 5e-5)
})

t('images of a batch do not see each other', async () => {
  const maps = [randomMap(6, 9), flat(6, 9, 0), randomMap(6, 9), flat(6, 9, NaN), randomMap(6, 9)]
  for (const mode of MODES) {
    const together = await run(maps, [5, 4], { mode })
    for (const [n, A] of maps.entries()) {
      const alone = await run([A], [5, 4], { mode })
      for (const key of ['dy', 'dx', 'rows', 'columns', 'fallback'] as const)
        assert.equal(alone[key][0], together[key][n], `${mode} ${key} ${n}`)
    }
  }
})

t('more than a workgroup of maps', async () => {
  const maps = range(130).map(() => randomMap(3, 4))
  const got = await run(maps, [5, 5])
  maps.forEach((A, n) => {
    const p = profiles(A)
    const d = referenceDensities(p.rows, p.columns, [5, 5], {})
    near(got.rows[n]!, referencePositions(d.dy, 5, 3, 'half-pixel'), 1e-4)
  })
})

t('independent axes: a flat one no longer flattens the other', async () => {
  const A = range(16).map(h => new Array<number>(16).fill(h === 5 ? 3 : 1))
  const tied = await run([A], [8, 8])
  const free = await run([A], [8, 8], { coupled: false })
  const peak = (p: number[]) => Math.max(...p) * 2
  assert.ok(peak(tied.dy[0]!) < 1.01, `${peak(tied.dy[0]!)}`)
  assert.ok(Math.abs(peak(free.dy[0]!) - (3 * 16) / 18) < 1e-4)
  near(free.dx[0]!, new Array<number>(16).fill(0.5), 1e-6)
})

t('no iterations leave the marginals as they are', async () => {
  const A = randomMap(7, 10, 0.01)
  const { dy, dx } = await run([A], [21, 5], { iterations: 0 })
  const { rows, columns } = profiles(A)
  near(
    dy[0]!,
    rows.map(v => (v * 21) / total(rows)),
    1e-5,
  )
  near(
    dx[0]!,
    columns.map(v => (v * 5) / total(columns)),
    1e-5,
  )
})

// ---- edge cases (specification 10e)
// -----------------------------------------------------------------------------------------

t('a map that holds nothing is replaced by a uniform one, and reported', async () => {
  for (const mode of MODES) {
    const uniform = await run([flat(6, 9)], [5, 4], { mode })
    assert.equal(uniform.fallback, [0])
    for (const value of [0, -2, -Infinity]) {
      const got = await run([flat(6, 9, value)], [5, 4], { mode })
      assert.equal(got.fallback, [1], `${value}`)
      near(got.rows[0]!, uniform.rows[0]!, 1e-6)
      near(got.columns[0]!, uniform.columns[0]!, 1e-6)
    }
  }
})

t('one value that is not a number, or infinite, makes all of its map NaN, whatever the cap', async () => {
  for (const options of [{}, { cap: 'exact' }, { mode: 'torch' }, { coupled: false }] as const)
    for (const bad of [NaN, Infinity]) {
      const A = randomMap(6, 9)
      A[2]![5] = bad
      const whole = await run([randomMap(6, 9), A], [5, 4], options)
      for (const [key, values] of Object.entries({ ...whole, fallback: whole.fallback.map(v => [v]) })) {
        assert.ok(values[0]!.every(Number.isFinite), `${key}: the map beside it`)
        assert.ok(values[1]!.every(Number.isNaN), `${key} of a map with ${bad}: ${values[1]}`)
      }
    }
})

t('values that are negative count as zero', async () => {
  for (const bad of [-3, -Infinity]) {
    const A = randomMap(6, 9)
    const B = A.map(row => [...row])
    for (const [h, w] of [
      [0, 0],
      [2, 5],
      [5, 8],
    ] as const) {
      A[h]![w] = bad
      B[h]![w] = 0
    }
    assert.equal(await run([A], [5, 4]), await run([B], [5, 4]), `${bad}`)
  }
})

t('huge and tiny values are only a matter of scale', async () => {
  const A = randomMap(6, 9)
  const plain = await run([A], [5, 4])
  for (const factor of [1e30, 1e-7]) {
    const scaled = await run([A.map(row => row.map(v => v * factor))], [5, 4])
    near(scaled.rows[0]!, plain.rows[0]!, 1e-4)
    assert.equal(scaled.fallback, [0])
  }
})

t('one hot pixel, and zeros at the borders, give finite rising positions', async () => {
  const hot = flat(20, 20, 0)
  hot[13]![4] = 1
  const box = (from: number, to: number) =>
    range(12).map(h => range(12).map(w => Number(h >= from && h < to && w >= from && w < to)))
  const corner = flat(12, 12, 0)
  corner[0]![0] = 1
  for (const mode of MODES)
    for (const out of [
      [6, 6],
      [30, 30],
    ] as const) {
      for (const A of [hot, box(3, 9), box(0, 6), box(6, 12), corner, transposed(corner)]) {
        for (const o of [{ mode }, { mode, iterations: 0 }])
          sane(await run([A], out, o), out, [A.length, A.length], JSON.stringify(o))
      }
    }
  // Half-pixel, nothing cut off: all of the sample is spent on the box.
  const { rows } = await run([box(3, 9)], [6, 6])
  near(rows[0]!, [3, 4, 5, 6, 7, 8], 1e-5)
})

t('a position on the border of an empty cell has the gradient of the cell before it', async () => {
  const d = persistent([1, 3], new Float32Array([0.5, 0, 0.5]))
  d.requiresGrad = true
  const [dd] = scope(() => [valueAndGrad(() => sum(invert(d, 1, 3)), [d]).grads.get(d)!])
  near([...(await read(dd))], [-1, 1, 1], 1e-6)
  for (const x of [d, dd]) release(x)
})

t('a map of one cell: half-pixel resizes, torch refuses', async () => {
  near((await run([[[2]]], [3, 3], {}, [6, 6])).rows[0]!, [0.5, 2.5, 4.5], 1e-6)
  scope(() => {
    assert.throws(() => invert(empty([1, 1]), 3, 6, 'torch'), /at least 2 cells/)
    assert.throws(() => densities(empty([1, 4]), empty([2, 4]), [3, 3]), /1 rows of marginals, but 2 of columns/)
    assert.throws(() => densities(empty([1, 4]), empty([1, 4]), [3, 3], { dense: 0.5 }), /magnification of at least 1/)
    for (const iterations of [-1, 2.5])
      assert.throws(
        () => densities(empty([1, 4]), empty([1, 4]), [3, 3], { iterations }),
        /iterations are a whole number, found/,
      )
    assert.throws(
      () => sampleGrid(empty([2, 1, 4, 4]), { rows: empty([1, 3]), columns: empty([2, 3]) }),
      /2 images, but 1 rows/,
    )
    return []
  })
})

// ---- reading the image
// ------------------------------------------------------------------------------------------------------

t('sampleGrid: forward and gradient in both modes, positions outside too', async () => {
  for (const mode of MODES)
    for (const [H, W, OH, OW] of [
      [5, 7, 4, 6],
      [6, 3, 13, 11],
      [1, 1, 3, 2],
      [9, 8, 1, 1],
      [2, 9, 5, 67],
    ] as const) {
      const rising = (n: number, size: number) =>
        range(n)
          .map(() => Math.fround(random.uniform(-1.6, size + 0.6)))
          .sort((a, b) => a - b)
      const rows = [rising(OH, H), rising(OH, H)]
      const columns = [rising(OW, W), rising(OW, W)]
      // Whole positions, and one twice.
      rows[0]![0] = Math.floor(rows[0]![0]!)
      if (OW > 1) columns[1]![1] = columns[1]![0]!
      const grid = {
        rows: persistent([2, OH], Float32Array.from(rows.flat())),
        columns: persistent([2, OW], Float32Array.from(columns.flat())),
      }
      await check(
        [[2, 3, H, W]],
        x => sampleGrid(x!, grid, mode),
        ([x]) => referenceSample(x!, rows, columns, mode),
      )
    }
})

// ---- the exact cap, and the gradient that it makes possible
// -------------------------------------------------------------------

/** min(m + b, dense) with a mean of 1, b found by halving. */
function referenceExact(m: number[], out: number, dense: number): number[] {
  const mean = total(m) / m.length
  const d = m.map(v => v / mean)
  const at = (b: number) => d.map(v => Math.min(v + b, dense))
  let low = 0
  let high = dense
  for (let i = 0; i < 200; i++) {
    const b = (low + high) / 2
    if (total(at(b)) < m.length) low = b
    else high = b
  }
  return at(high).map(v => (v * out) / m.length)
}

t('exact cap: no magnification above it, each axis on its own, everything spent', async () => {
  const peaks = flat(16, 16, 0.05)
  for (const [h, w, v] of [
    [3, 3, 5],
    [4, 3, 4],
    [12, 9, 2],
  ] as const)
    peaks[h]![w] = v
  for (const A of [peaks, randomMap(9, 12, 0.01), flat(8, 8), flat(8, 8, 0)])
    for (const dense of [1, 1.5, 4]) {
      const got = await run([A], [24, 6], { cap: 'exact', dense })
      const { rows, columns } = profiles(A)
      const empty = total(rows) === 0
      const uniform = (n: number, out: number) => new Array<number>(n).fill(out / n)
      near(got.dy[0]!, empty ? uniform(A.length, 24) : referenceExact(rows, 24, dense), 1e-5)
      near(got.dx[0]!, empty ? uniform(A[0]!.length, 6) : referenceExact(columns, 6, dense), 1e-5)
      assert.ok((Math.max(...got.dy[0]!) * A.length) / 24 <= dense * (1 + 1e-6))
      assert.ok(Math.abs(total(got.dx[0]!) - 6) < 1e-4)
      assert.equal(got.fallback, [Number(empty)])
    }
})

t('exact cap: the map gets the gradient of the sample, through positions, inverse and cap', async () => {
  // Maps with clear maxima: the marginals have a kink where two values are equal. Uneven ones: even values put
  // positions on pixels, another kink.
  const clear = (r: Random, i: number, size: number): number[] =>
    i === 1
      ? range(size).map(() => r.uniform(-1, 1))
      : distinct(r, i, size).map(v => 0.6 + v / 2 + r.uniform(0, 0.4 / size))
  for (const [H, W, OH, OW, dense] of [
    [6, 9, 4, 5, 4],
    [6, 9, 4, 5, 1.2],
    [5, 5, 11, 3, 1.3],
    [12, 4, 5, 5, 1.1],
  ] as const) {
    await check(
      [
        [2, H, W],
        [2, 3, 2 * H, 2 * W],
      ],
      (A, x) => sampleGrid(x!, samplingGrid(A!, [2 * H, 2 * W], [OH, OW], { cap: 'exact', dense })),
      ([A, x]) => {
        const maps = range(2)
          .map(n => range(H).map(h => range(W).map(w => A!.data[(n * H + h) * W + w]!)))
          .map(profiles)
        return referenceSample(
          x!,
          maps.map(m => referencePositions(referenceExact(m.rows, OH, dense), OH, 2 * H, 'half-pixel')),
          maps.map(m => referencePositions(referenceExact(m.columns, OW, dense), OW, 2 * W, 'half-pixel')),
          'half-pixel',
        )
      },
      { inputs: clear, tolerance: 2e-5 },
    )
  }
})

t('an empty map, and positions held at the edge, get no gradient', async () => {
  const A = persistent(
    [2, 4, 4],
    new Float32Array(32).map((_, i) => (i < 16 ? 0 : i === 16 ? 1 : 1e-3)),
  )
  const x = persistent(
    [2, 1, 8, 8],
    new Float32Array(128).map((_, i) => i % 7),
  )
  A.requiresGrad = true
  const [dA] = scope(() => [
    ...valueAndGrad(() => sum(sampleGrid(x, samplingGrid(A, [8, 8], [4, 4], { cap: 'exact' }))), [A]).grads.values(),
  ])
  const g = await read(dA!)
  assert.ok(g.slice(0, 16).every(v => v === 0))
  assert.ok(g.slice(16).every(Number.isFinite) && g.slice(16).some(v => v !== 0))
})

t('rounds and mode torch: a gradient that is wanted to the map throws, and the image gets its own', async () => {
  const map = randomMap(6, 6)
  const A = tensorOf([map])
  const p = profiles(map)
  const d = referenceDensities(p.rows, p.columns, [4, 4], {})
  A.requiresGrad = true
  await check(
    [[1, 2, 6, 6]],
    x => {
      const grid = samplingGrid(detached(A), [6, 6], [4, 4])
      assert.not(grid.rows.requiresGrad || grid.columns.requiresGrad)
      return sampleGrid(x!, grid)
    },
    ([x]) =>
      referenceSample(
        x!,
        [referencePositions(d.dy, 4, 6, 'half-pixel')],
        [referencePositions(d.dx, 4, 6, 'half-pixel')],
        'half-pixel',
      ),
  )
  const wanted = (options: SamplerOptions): void => {
    scope(() => [valueAndGrad(() => sum(samplingGrid(A, [6, 6], [4, 4], options).rows), [A]).value])
  }
  assert.throws(
    () => wanted({}),
    /^densities with cap rounds: .* not differentiable.*: take cap exact, or pass it detached/,
  )
  assert.throws(
    () => wanted({ cap: 'exact', mode: 'torch' }),
    /^invert in mode torch: .*: take mode half-pixel, or pass/,
  )
})

t.run()
