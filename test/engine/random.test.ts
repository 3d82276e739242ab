/** The generator: a seed's stream is fixed, and different seeds have different streams. */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Random, Zeros } from '../../src/engine/random.ts'

const first = (seed: number, stream = 0): string => {
  const r = new Random(seed, stream)
  return [r.next(), r.next(), r.next()].join()
}

const t = suite('engine/random')

t('streams of 32-bit seeds are what they always were', () => {
  const draw = (seed: number, stream?: number): number => new Random(seed, stream).next() * 2 ** 32
  assert.equal([draw(0), draw(1), draw(7, 1), draw(2 ** 31), draw(2 ** 32 - 1, 77)], RECORDED)
})
const RECORDED = [163228893, 2764974925, 2649217057, 2888562477, 3769802126]

t('seeds over 32 bits are seeds of their own', () => {
  const seeds = [0, 1, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 32 + 1, 2 ** 33, 2 ** 52, 2 ** 53 - 1]
  for (let k = 0; k < 2000; k++) seeds.push(2 ** 32 * (k + 3) + (k % 2) * 12345)
  assert.is(new Set(seeds.map(s => first(s))).size, seeds.length)
})

t('streams of a seed differ', () => {
  assert.is(new Set(Array.from({ length: 1000 }, (_, stream) => first(3, stream))).size, 1000)
})

t('what is no seed or no stream is refused', () => {
  for (const seed of [-1, 0.5, Number.NaN, Infinity, 2 ** 53])
    assert.throws(() => new Random(seed), /a seed is a whole number from 0 to 9007199254740991, found/, `${seed}`)
  assert.throws(() => new Random('5' as unknown as number), /a seed is a whole number/)
  for (const stream of [-1, 0.5, Number.NaN, 2 ** 32])
    assert.throws(() => new Random(1, stream), /a stream is a whole number from 0 to 4294967295, found/, `${stream}`)
  assert.is(new Zeros().normal(), 0)
})

t.run()
