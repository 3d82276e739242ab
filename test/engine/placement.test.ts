/**
 * Placement: for random lifetimes, no two blocks alive together share bytes, those apart share no buffer, and the
 * accounts are right.
 */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type Lifetime, place } from '../../src/engine/placement.ts'
import { Random } from '../../src/engine/random.ts'

const none = new Set<number>()
const whole = (bytes: number): number => Math.ceil(bytes / 256) * 256

const t = suite('engine/placement')

t('random lifetimes', () => {
  const random = new Random(9)
  for (let round = 0; round < 400; round++) {
    const launches = 1 + random.int(40)
    const n = random.int(60)
    const apart = Array.from({ length: n }, () => new Set<number>())
    const blocks: Lifetime[] = apart.map(apart => {
      const first = random.int(launches)
      const last = Math.min(first + random.int(1 + random.int(launches)), launches)
      return { bytes: 4 * (1 + random.int(round % 2 ? 4 : 1000)), first, last, apart, rather: none }
    })
    for (let i = 0; i < random.int(3) * n; i++) {
      const a = random.int(n)
      const b = random.int(n)
      apart[a]!.add(b)
      apart[b]!.add(a)
    }
    const most = round % 3 ? Infinity : 8192
    const { homes, planned, unplanned, lowerBound, alive } = place(blocks, launches, most)
    assert.equal(
      homes.flatMap(h => h.seats.map(s => s.block)).sort((a, b) => a - b),
      blocks.map((_, i) => i),
      'every block has one seat',
    )
    for (const { bytes, seats } of homes) {
      assert.is(
        bytes,
        Math.max(...seats.map(s => s.offset + whole(blocks[s.block]!.bytes))),
        'a home ends where its last seat ends',
      )
      assert.ok(bytes <= most, `a home of ${bytes} bytes`)
      for (const s of seats)
        for (const o of seats) {
          assert.is(s.offset % 256, 0)
          if (s === o) continue
          const a = blocks[s.block]!
          const b = blocks[o.block]!
          assert.not(a.apart.has(o.block), 'two that must be apart share a buffer')
          const together = a.first <= b.last && b.first <= a.last
          assert.ok(
            !together || s.offset + a.bytes <= o.offset || o.offset + b.bytes <= s.offset,
            'two alive together share bytes',
          )
        }
    }
    const busy = Array.from({ length: launches }, (_, at) =>
      blocks.reduce((s, b) => s + (b.first <= at && at <= b.last ? b.bytes : 0), 0),
    )
    assert.equal(alive, busy)
    assert.is(lowerBound, Math.max(...busy))
    assert.is(
      planned,
      homes.reduce((s, h) => s + h.bytes, 0),
    )
    assert.is(
      unplanned,
      blocks.reduce((s, b) => s + b.bytes, 0),
    )
    assert.ok(planned >= lowerBound && planned <= blocks.reduce((s, b) => s + whole(b.bytes), 0))
  }
})

t('a chain needs two blocks, whatever its length', () => {
  const chain = Array.from({ length: 50 }, (_, i) => ({
    bytes: 512,
    first: i,
    last: i + 1,
    apart: new Set([i - 1, i + 1]),
    rather: none,
  }))
  assert.is(place(chain, 51).planned, 1024)
})

t('equal sizes that may share are placed without waste', () => {
  // Interval graphs are perfect: with one size, first come first served needs no more than are alive at once.
  const random = new Random(1)
  for (let round = 0; round < 50; round++) {
    const blocks = Array.from({ length: 80 }, () => {
      const first = random.int(50)
      return { bytes: 256, first, last: first + random.int(50 - first), apart: none, rather: none }
    })
    const { planned, lowerBound } = place(blocks, 50)
    assert.is(planned, lowerBound)
  }
})

t('small blocks live in a large one that is dead', () => {
  const blocks = [
    { bytes: 1024, first: 0, last: 1, apart: none, rather: none },
    ...[0, 1, 2, 3].map(() => ({ bytes: 256, first: 2, last: 3, apart: none, rather: none })),
  ]
  assert.is(place(blocks, 4).planned, 1024)
})

t('nothing to place', () => {
  const { homes, planned, lowerBound } = place([], 0)
  assert.equal([homes, planned, lowerBound], [[], 0, 0])
})

t.run()
