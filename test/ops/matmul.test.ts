/** Matrix products: every rung and all four transpositions against plain loops; the linear layer. */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { scope } from '../../src/engine/eager.ts'
import { empty, launchRung, watchLaunches } from '../../src/engine/launch.ts'
import { persistent, readU32, release } from '../../src/engine/transfer.ts'
import { type Ladder, ladderNamed, type Rung } from '../../src/gpu/kernel.ts'
import { choose } from '../../src/gpu/ladder.ts'
import { addSource, loadSource } from '../../src/gpu/shader.ts'
import { linear, matmul } from '../../src/ops/matmul.ts'
import { TILES } from '../../src/ops/matmul_ladders.ts'
import { type Case, check, checkRungs, type Ref } from '../support/check.ts'
import { setVariable } from '../support/variable.ts'

/** The definition, in float64. */
const product = (
  [a, b]: Ref[],
  batch: number,
  M: number,
  N: number,
  K: number,
  TA: boolean,
  TB: boolean,
): Float64Array => {
  const y = new Float64Array(batch * M * N)
  for (let i = 0, at = 0; i < batch; i++)
    for (let m = 0; m < M; m++)
      for (let n = 0; n < N; n++, at++) {
        for (let k = 0; k < K; k++) {
          y[at]! +=
            a!.data[i * M * K + (TA ? k * M + m : m * K + k)]! * b!.data[i * K * N + (TB ? n * K + k : k * N + n)]!
        }
      }
  return y
}

/** A case for each transposition. `batch` 0: plain matrices. */
const transpositions = (batch: number, M: number, N: number, K: number): Case[] =>
  [0, 1, 2, 3].map(i => {
    const transposeA = i >= 2
    const transposeB = i % 2 === 1
    const lead = batch ? [batch] : []
    return [
      [
        [...lead, ...(transposeA ? [K, M] : [M, K])],
        [...lead, ...(transposeB ? [N, K] : [K, N])],
      ],
      (a, b) => matmul(a!, b!, { transposeA, transposeB }),
      refs => product(refs, batch || 1, M, N, K, transposeA, transposeB),
    ]
  })

const t = suite('ops/matmul')

t('every rung agrees with the definition in all transpositions, forward and gradients', async () => {
  await checkRungs(
    ['matmul'],
    [
      ...transpositions(0, 5, 7, 3),
      ...transpositions(3, 5, 7, 3),
      ...transpositions(0, 1, 1, 1),
      ...transpositions(0, 19, 34, 1), // K = 1
      ...transpositions(0, 16, 32, 8), // one whole tile
      ...transpositions(2, 17, 33, 9), // a tile and one more
      ...transpositions(0, 53, 101, 29), // many tiles
      ...transpositions(5, 3, 2, 11), // tiles that are mostly edge
      ...transpositions(2, 32, 32, 65),
      ...transpositions(3, 36, 40, 12), // whole vec4s, tiles that are part edge
      ...transpositions(0, 100, 68, 4),
      ...transpositions(0, 64, 256, 256).slice(1, 2), // b is turned round first on a CPU
      // Tiles of up to 128 x 128: whole, one more, several; axes that are multiples of four, and of nothing.
      ...transpositions(0, 132, 68, 36),
      ...transpositions(2, 4, 136, 20),
      ...transpositions(0, 129, 131, 33),
    ],
  )
})

t('a CPU takes the rung that compiles soonest for a product of one photo, and a fast one for a batch', () => {
  const putBack = setVariable('MACHINE', 'cpu')
  try {
    const taken = (batch: number): string =>
      choose(ladderNamed('matmul'), { TA: 0, TB: 0, batch, M: 24, N: 256, K: 24 }).name
    assert.is(taken(1), 'small')
    assert.is.not(taken(24), 'small')
  } finally {
    putBack()
  }
})

t('K cut into parts: as many as asked for, more than there are; the last one short or empty', async () => {
  const split = (batch: number, M: number, N: number, K: number, parts: number): Case[] =>
    transpositions(batch, M, N, K).map(([shapes, , reference], i) => [
      shapes,
      (a, b) => matmul(a!, b!, { transposeA: i >= 2, transposeB: i % 2 === 1, parts }),
      reference,
    ])
  await checkRungs(
    ['matmul split'],
    [
      ...split(0, 7, 5, 131, 2),
      ...split(3, 5, 34, 161, 4),
      ...split(2, 68, 36, 100, 2),
      ...split(0, 3, 2, 1, 4),
      ...split(0, 65, 33, 96, 2),
    ],
  )
})

t('GPUs cut K where there are few results and K is long', async () => {
  const launched: string[] = []
  const stop = watchLaunches(l => launched.push(l.ladder.name))
  const putBack = setVariable('MACHINE', 'gpu')
  try {
    await check(
      [
        [8, 2048],
        [200, 2048],
      ],
      (x, w) => linear(x!, w!),
      refs => product(refs, 1, 8, 200, 2048, false, true),
      { gradients: [] },
    )
  } finally {
    putBack()
    stop()
  }
  assert.ok(launched.includes('matmul split'))
})

t('a tile places and fetches each of its blocks once, whatever lanes are left over', async () => {
  addSource(
    'test-product.wgsl',
    `const SPREAD: u32 = 1;
    struct Params { steps: u32 }
    @group(0) @binding(0) var<storage, read_write> calls: array<atomic<u32>>;
    @group(0) @binding(1) var<uniform> p: Params;
    struct Place { none: u32 }
    fn left_deep() -> bool { return false; }
    fn right_deep() -> bool { return false; }
    fn place(block: Block, group: vec3u) -> Place {
      atomicAdd(&calls[0], 1u);
      return Place();
    }
    fn fetch(step: u32, block: Block, place: Place) -> mat4x4f {
      atomicAdd(&calls[1], 1u);
      return mat4x4f();
    }
    fn store(group: vec3u, row: u32, columns: vec4u, results: vec4f) {}
    @compute @workgroup_size(WG)
    fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
      product(group, lane, 0u, p.steps);
    }
    // #include "lib/product.wgsl"`.replace(/^ {4}/gm, ''),
  )
  await loadSource('test-product.wgsl')
  for (const [name, tile] of Object.entries(TILES)) {
    const rung: Rung = { name, file: 'test-product.wgsl', grid: () => [1, 1, 1], consts: tile }
    const counted: Ladder = { name: 'blocks', rungs: [rung] }
    const calls = persistent([2], new Uint32Array(2), 'u32')
    launchRung(counted, rung, { calls }, { steps: 3 })
    const blocks = ((tile.ROWS + tile.COLUMNS) * tile.DEPTH) / 16
    assert.equal([...(await readU32(calls))], [blocks, 3 * blocks], name)
    release(calls)
  }
})

t("linear has PyTorch's layout", async () => {
  await checkRungs(
    ['matmul'],
    [
      [
        [[3, 5], [4, 5], [4]],
        (x, w, b) => linear(x!, w!, b),
        ([x, w, b]) => product([x!, w!], 1, 3, 4, 5, false, true).map((v, i) => v + b!.data[i % 4]!),
      ],
      [
        [
          [33, 20],
          [40, 20],
        ],
        (x, w) => linear(x!, w!),
        refs => product(refs, 1, 33, 40, 20, false, true),
      ],
    ],
  )
})

t('shapes that do not fit are named', () => {
  scope(() => {
    assert.throws(
      () => matmul(empty([2, 3]), empty([4, 5])),
      /\[2,3\] and \[4,5\] do not fit: the inner axes are 3 and 4/,
    )
    assert.throws(() => matmul(empty([2, 2, 3]), empty([4, 3, 5])), /the batches 2 and 4/)
    assert.throws(() => matmul(empty([2, 3]), empty([1, 3, 5])), /two matrices or two batches/)
    return []
  })
})

t.run()
