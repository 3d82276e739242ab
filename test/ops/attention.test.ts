/** From many maps to one: the mean of the live channels, and one live channel picked by a number. */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { scope } from '../../src/engine/eager.ts'
import { empty } from '../../src/engine/launch.ts'
import { Random } from '../../src/engine/random.ts'
import { persistent, read } from '../../src/engine/transfer.ts'
import { liveMean, pickLive } from '../../src/ops/attention.ts'
import { check, relative } from '../support/check.ts'

const N = 4
const C = 5
/** Image 0: all live; 1: some dead; 2: all dead; 3: only the last lives. */
const LIVE = [[0, 1, 2, 3, 4], [1, 3, 4], [], [4]]
const largest = (): Float32Array =>
  Float32Array.from({ length: N * C }, (_, i) =>
    LIVE[Math.floor(i / C)]!.includes(i % C) ? 1e-20 + i : i % 2 ? 0 : -1,
  )
/** The channels that count: where none lives, all. */
const counting = (n: number): number[] => (LIVE[n]!.length ? LIVE[n]! : [0, 1, 2, 3, 4])
const maps = (L: number): Float32Array => {
  const random = new Random(5)
  return Float32Array.from({ length: N * C * L }, () => random.uniform(0, 2))
}

const t = suite('ops/attention')

t('liveMean averages the live channels, or all where none lives', async () => {
  for (const L of [1, 7, 67]) {
    const M = maps(L)
    const [A] = scope(() => [liveMean(persistent([N, C, L], M), persistent([N, C], largest()))])
    const want = Array.from({ length: N * L }, (_, i) => {
      const n = Math.floor(i / L)
      const c = counting(n)
      return c.reduce((s, c) => s + M[(n * C + c) * L + (i % L)]!, 0) / c.length
    })
    assert.equal(A.shape, [N, L])
    assert.ok(relative(await read(A), want) < 1e-6)
  }
})

t('liveMean shares its gradient out among those that it averaged', async () => {
  for (const L of [1, 7, 67])
    await check(
      [[N, C, L]],
      M => liveMean(M!, persistent([N, C], largest())),
      ([M]) =>
        Array.from({ length: N * L }, (_, i) => {
          const n = Math.floor(i / L)
          const c = counting(n)
          return c.reduce((s, c) => s + M!.data[(n * C + c) * L + (i % L)]!, 0) / c.length
        }),
    )
})

t('pickLive takes live channel number floor(u * how many)', async () => {
  const L = 7
  const M = maps(L)
  for (const u of [0, 0.19, 0.2, 0.34, 0.5, 0.67, 0.999, 0.9999999, Math.fround(1 - 2 ** -24)]) {
    const [A] = scope(() => [
      pickLive(persistent([N, C, L], M), persistent([N, C], largest()), persistent([N], new Float32Array(N).fill(u))),
    ])
    const got = await read(A)
    for (let n = 0; n < N; n++) {
      const c = counting(n)
      const channel = c[Math.min(c.length - 1, Math.floor(Math.fround(Math.fround(u) * c.length)))]!
      assert.equal(
        got.slice(n * L, (n + 1) * L),
        M.slice((n * C + channel) * L, (n * C + channel + 1) * L),
        `u ${u}, image ${n}`,
      )
    }
  }
})

t('every image has its own number, and every live channel its turn', async () => {
  const n = 130
  const seen = new Map<number, number>()
  const M = Float32Array.from({ length: n * C }, (_, i) => i % C)
  const live = Float32Array.from({ length: n * C }, (_, i) => (i % C === 2 ? 0 : 1))
  const u = Float32Array.from({ length: n }, (_, i) => (i + 0.5) / n)
  const [A] = scope(() => [pickLive(persistent([n, C, 1], M), persistent([n, C], live), persistent([n], u))])
  for (const c of await read(A)) seen.set(c, (seen.get(c) ?? 0) + 1)
  assert.equal([...seen.keys()], [0, 1, 3, 4])
  assert.ok([...seen.values()].every(k => k === 32 || k === 33))
})

t('where a largest value is not a number nothing can be said: the map is NaN', async () => {
  const [A, B] = scope(() => {
    const M = persistent([2, 3, 1], new Float32Array([1, 2, 4, 1, 2, 4]))
    const l = persistent([2, 3], new Float32Array([NaN, 0, 3, -1, 0, 3]))
    return [pickLive(M, l, persistent([2], new Float32Array([0, 0]))), liveMean(M, l)]
  })
  assert.equal([...(await read(A))], [NaN, 4])
  assert.equal([...(await read(B))], [NaN, 4])
})

t('a number that picks no channel picks NaN', async () => {
  const [A] = scope(() => {
    const u = [NaN, -0.1, 1.5, 0, 0.99, 1]
    const n = u.length
    const M = persistent(
      [n, 2, 1],
      Float32Array.from({ length: 2 * n }, (_, i) => (i % 2 ? 20 : 10)),
    )
    return [pickLive(M, persistent([n, 2], new Float32Array(2 * n).fill(1)), persistent([n], Float32Array.from(u)))]
  })
  assert.equal([...(await read(A))], [NaN, NaN, NaN, 10, 20, 20])
})

t('what does not fit is named', () => {
  scope(() => {
    assert.throws(
      () => liveMean(empty([2, 3, 4]), empty([3, 2])),
      /needs a largest value per channel \[2,3\], found \[3,2\]/,
    )
    assert.throws(() => pickLive(empty([2, 3, 4]), empty([2, 3]), empty([3])), /2 images need 2 random numbers/)
    return []
  })
})

t.run()
