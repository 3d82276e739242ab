/** The two views: the channels that make a map, and the grid that a map makes. */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { scope } from '../../src/engine/eager.ts'
import { Random } from '../../src/engine/random.ts'
import type { Tensor } from '../../src/engine/tensor.ts'
import { constant, persistent, read } from '../../src/engine/transfer.ts'
import { reshape, square } from '../../src/ops/elementwise.ts'
import { resizeBilinear } from '../../src/ops/resize.ts'
import { samplingGrid } from '../../src/ops/sampler.ts'
import { Tasn } from '../../src/tasn/network.ts'
import { detailMap, gridOfMap, structureMap } from '../../src/tasn/views.ts'
import { relative } from '../support/check.ts'
import { CONFIG, draw } from '../support/toy_tasn.ts'

/** The channels of each image that respond anywhere. */
const LIVE = [[0, 1, 3], [0, 1, 2, 3], [2]]
/** Features (3,4,2,3) with dead channels, and maps (3,4,6) to choose from. */
const features = () =>
  persistent(
    [3, 4, 2, 3],
    draw(5, 72, 0.1, 1).map((v, i) => (LIVE[Math.floor(i / 24)]!.includes(Math.floor(i / 6) % 4) ? v : 0)),
  )
const maps = draw(6, 72, 0, 1)
const mapOf = (n: number, c: number): number[] => [...maps.slice((n * 4 + c) * 6, (n * 4 + c + 1) * 6)]

const t = suite('tasn/views')

t('the structure map averages live channels, or all', async () => {
  const [live, all] = scope(() => [
    structureMap(persistent([3, 4, 6], maps), features(), 'live'),
    structureMap(persistent([3, 4, 6], maps), features(), 'all'),
  ])
  assert.equal(live.shape, [3, 2, 3])
  const average = (channels: number[][]) =>
    channels.flatMap((list, n) =>
      Array.from({ length: 6 }, (_, l) => list.reduce((s, c) => s + mapOf(n, c)[l]!, 0) / list.length),
    )
  assert.ok(relative(await read(live), average(LIVE)) < 1e-6)
  assert.ok(relative(await read(all), average(LIVE.map(() => [0, 1, 2, 3]))) < 1e-6)
})

t('the detail map is the live channel that u names', async () => {
  for (const u of [
    [0, 0, 0],
    [0.34, 0.26, 0.5],
    [0.99, 0.74, 0.99],
    [0.5, 0.999, 0],
  ]) {
    const [d] = scope(() => [detailMap(persistent([3, 4, 6], maps), features(), persistent([3], Float32Array.from(u)))])
    assert.equal(d.shape, [3, 2, 3])
    assert.equal(
      [...(await read(d))],
      u.flatMap((v, n) => mapOf(n, LIVE[n]![Math.floor(v * LIVE[n]!.length)]!)),
    )
  }
})

t('the views of a model: detail follows u, without u it is the mean map', async () => {
  const f = features()
  const u = (v: number) => persistent([3], new Float32Array(3).fill(v))
  const map = (v: Tensor) => read(v)
  for (const detail of ['random', 'mean'] as const) {
    const model = new Tasn(new Random(2), { ...CONFIG, maps: { ...CONFIG.maps, detail } })
    const [M, structure, first, last, none, rows] = scope(() => {
      const a = model.views(f, u(0))
      const b = model.views(f, u(0.999))
      const c = model.views(f)
      return [model.attentionMaps(f), a.structure.map, a.detail.map, b.detail.map, c.detail.map, c.detail.grid.rows]
    })
    const m = await map(M)
    const channel = (pick: (list: number[]) => number) =>
      LIVE.flatMap((list, n) => [...m.slice((n * 4 + pick(list)) * 6, (n * 4 + pick(list) + 1) * 6)])
    assert.equal([...(await map(none))], [...(await map(structure))])
    assert.equal([...(await map(first))], detail === 'random' ? channel(l => l[0]!) : [...(await map(structure))])
    assert.equal([...(await map(last))], detail === 'random' ? channel(l => l.at(-1)!) : [...(await map(structure))])
    assert.equal(rows.shape, [3, 12])
  }
})

t('a grid is made from the map at the size of the image, raised to gamma', async () => {
  const map = persistent([2, 3, 4], draw(7, 24, 0, 1))
  for (const mode of ['half-pixel', 'torch'] as const)
    for (const gamma of [1, 2]) {
      const sampler = { ...CONFIG.maps.sampler, mode, dense: 3 }
      for (const mapSize of [undefined, [7, 9] as const]) {
        const [a, b, c, d] = scope(() => {
          const size = mapSize ?? [11, 13]
          const A = resizeBilinear(reshape(map, [2, 1, 3, 4]), size, { alignCorners: mode === 'torch' })
          const grid = gridOfMap(map, [11, 13], [5, 6], gamma, { mapSize, sampler })
          const want = samplingGrid(reshape(gamma === 2 ? square(A) : A, [2, ...size]), [11, 13], [5, 6], sampler)
          return [grid.rows, want.rows, grid.columns, want.columns]
        })
        assert.equal(
          [a.shape, c.shape],
          [
            [2, 5],
            [2, 6],
          ],
        )
        assert.ok(relative(await read(a), await read(b)) < 1e-5)
        assert.ok(relative(await read(c), await read(d)) < 1e-5)
      }
    }
  // An even map samples like a plain resize.
  const { rows, columns } = samplingGrid(constant([1, 8, 16], 1), [8, 16], [4, 4])
  assert.ok(relative(await read(rows), [0.5, 2.5, 4.5, 6.5]) < 1e-6)
  assert.ok(relative(await read(columns), [1.5, 5.5, 9.5, 13.5]) < 1e-6)
})

t.run()
