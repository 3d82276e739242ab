/** The recorded answer of the panel Look: packing keeps what is shown, and the file is what Node computes today. */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import firstLook from '../../examples/browser/first_look.json' with { type: 'json' }
import { packLook, unpackLook } from '../../examples/browser/first_look.ts'
import { recordLook } from '../../examples/browser/record.ts'
import type { ExplainedAxis } from '../../src/index.ts'

const t = suite('examples/first_look')
let now: Awaited<ReturnType<typeof recordLook>>
t.before(async () => {
  now = await recordLook()
})

/** Fails where numbers differ by more than a share of the range of those that are wanted. */
function near(got: ArrayLike<number>, want: ArrayLike<number>, share: number, what: string): void {
  const [a, b] = [Array.from(got), Array.from(want)]
  assert.is(a.length, b.length, what)
  const limit = share * (Math.max(...b) - Math.min(...b)) + 1e-9
  const apart = Math.max(...a.map((v, i) => Math.abs(v - b[i]!)))
  assert.ok(apart <= limit, `${what}: ${apart} apart, at most ${limit} is allowed`)
}

/** @param share for maps; for the axes; and bytes for samples. */
function compare(got: ReturnType<typeof unpackLook>, maps: number, axes: number, bytes: number): void {
  const { seen } = now
  const area = seen.attention.data.length / seen.attention.shape[0]!
  assert.equal(got.attention.shape, seen.attention.shape)
  for (let c = 0; c < seen.attention.shape[0]!; c++) {
    const own = (x: Float32Array): Float32Array => x.subarray(c * area, (c + 1) * area)
    near(own(got.attention.data), own(seen.attention.data), maps, `map ${c}`)
  }
  for (const name of ['structure', 'detail'] as const) {
    const [a, b] = [got[name], seen[name]]
    assert.equal(a.map.shape, b.map.shape)
    near(a.map.data, b.map.data, maps, `${name}'s map`)
    near(a.sample.data, b.sample.data, bytes / 255, `${name}'s sample`)
    for (const axis of ['rows', 'columns'] as const)
      for (const key of Object.keys(b[axis]) as (keyof ExplainedAxis)[])
        near(a[axis][key], b[axis][key], axes, `${name}, ${axis}, ${key}`)
  }
  near(got.shrunk.data, seen.shrunk.data, bytes / 255, 'shrunk')
  assert.equal([got.shrunk.width, got.shrunk.height], [32, 32])
  assert.equal([got.live, got.detail.channel], [seen.live, seen.detail.channel])
  assert.equal(
    got.guesses.map(g => g.name),
    seen.guesses.map(g => g.name),
  )
}

t('what is packed and unpacked is the same, as far as its bytes go', () => {
  const { seen } = now
  const got = unpackLook(JSON.parse(JSON.stringify(packLook(seen))), seen.image)
  compare(got, 0.51 / 255, 0.51 / 65535, 0)
  got.guesses.forEach(({ probability }, i) => {
    assert.ok(Math.abs(probability / seen.guesses[i]!.probability - 1) < 1e-6)
  })
  assert.is(got.image, seen.image)
})

t('a map that is the same everywhere stays it', () => {
  const { seen } = now
  const attention = { shape: [2, 1, 2], data: Float32Array.of(0.25, 0.25, 0, 0) }
  assert.equal(unpackLook(packLook({ ...seen, attention }), seen.image).attention, attention)
})

t('the recorded answer is that of today, for the model of today', () => {
  const { config, look } = firstLook
  assert.equal(config, now.config, 'npx tsx examples/browser/record.ts records it anew')
  const got = unpackLook(look, now.seen.image)
  compare(got, 1 / 255, 1e-3, 2)
  got.guesses.forEach(({ probability }, i) => {
    assert.ok(Math.abs(probability - now.seen.guesses[i]!.probability) < 1e-3, got.guesses[i]!.name)
  })
})

t.run()
