/**
 * Memory of a training step at the paper's size: close to the lower bound, in proportion to the batch, no two tensors
 * on the same bytes.
 */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Plan } from '../../src/engine/plan.ts'
import type { Random } from '../../src/engine/random.ts'
import type { Storage, Tensor } from '../../src/engine/tensor.ts'
import { release } from '../../src/engine/transfer.ts'
import { GradientSum } from '../../src/nn/optim.ts'
import { Tasn } from '../../src/tasn/network.ts'
import { PRESETS } from '../../src/train/presets.ts'
import { makeInputs, trainStep } from '../../src/train/steps.ts'

/** Weights whose values do not matter are quicker to make. */
const still = { normal: () => 0, uniform: () => 0 } as unknown as Random

interface Seat {
  readonly home: number
  readonly from: number
  readonly to: number
  readonly first: number
  last: number
}

/**
 * The places and lifetimes of a plan's tensors, as it tells them: from the text that it prints and the launches
 * alone.
 */
function seats(plan: Plan): Seat[] {
  const lines = plan.toString().split('\n')
  const found = new Map<Storage, Seat>()
  plan.launches.forEach(({ tensors }, i) => {
    // name[shape]@home+offset, in the order of the launch's tensors; what is persistent has no home.
    const places = [...lines[i]!.matchAll(/ \w+\[[\d,]*\](?:@(\d+)\+(\d+))?(?= |$)/g)]
    Object.values(tensors).forEach((tensor, t) => {
      let [home, from] = places[t]!.slice(1).map(Number) as [number, number]
      let { storage } = tensor
      for (; storage.stretchOf; storage = storage.stretchOf.block) from -= storage.stretchOf.at
      assert.is(Number.isNaN(home), storage.persistent)
      if (storage.persistent) return
      // A row is its parts, side by side.
      const blocks = storage.parts?.map(part => ({ storage: part.storage, at: part.storage.within!.at }))
      for (const { storage: block, at } of blocks ?? [{ storage, at: 0 }]) {
        const seat = found.get(block) ?? { home, from: from + at, to: from + at + block.bytes, first: i, last: i }
        assert.equal([seat.home, seat.from], [home, from + at])
        seat.last = i
        found.set(block, seat)
      }
    })
  })
  for (const { storage } of plan.outputs) if (found.has(storage)) found.get(storage)!.last = Infinity
  return [...found.values()]
}

/** Seats by shared buffer. Throws if two tensors that are alive together share bytes. */
function homes(plan: Plan): Seat[][] {
  const found = new Map<number, Seat[]>()
  for (const seat of seats(plan)) found.set(seat.home, [...(found.get(seat.home) ?? []), seat])
  for (const list of found.values()) {
    for (const [i, a] of list.entries())
      for (const b of list.slice(i + 1)) {
        const apart = a.last < b.first || b.last < a.first || a.to <= b.from || b.to <= a.from
        if (!apart)
          throw new Error(
            `buffer ${a.home}: two tensors have the same bytes from launch ${Math.max(a.first, b.first)} on`,
          )
      }
  }
  return [...found.values()]
}
const end = (home: readonly Seat[]): number => Math.max(...home.map(s => s.to))

const t = suite('engine/memory')

t("a training step of the paper's TASN", () => {
  const { model: size } = PRESETS.paper
  const model = new Tasn(still, { ...size, classes: 200 })
  const params = model.parameters()
  const sums = new GradientSum(params)
  const record = (batch: number, most: number): Plan => {
    const inputs = makeInputs(batch, size.imageSize)
    try {
      return Plan.record(() => trainStep(model, inputs, { params: [...params.values()], optimizers: [] }, sums), {
        most,
      })
    } finally {
      for (const input of Object.values(inputs) as Tensor[]) release(input)
    }
  }
  try {
    const two = record(2, Infinity)
    const four = record(4, Infinity)
    for (const plan of [two, four]) {
      const { planned, lowerBound, unplanned } = plan.memory
      const taken = homes(plan).map(end)
      assert.is(
        planned,
        taken.reduce((sum, bytes) => sum + Math.ceil(bytes / 256) * 256, 0),
      )
      assert.ok(planned <= 1.15 * lowerBound, `planned ${planned}, lower bound ${lowerBound}`)
      assert.ok(planned < unplanned / 2, `planned ${planned}, unplanned ${unplanned}`)
    }
    // Gradients of weights do not grow with the batch; the rest does.
    const growth = four.memory.planned / two.memory.planned
    assert.ok(growth > 1.6 && growth < 2.1, `twice the images take ${growth} times the memory`)

    const largest = Math.max(...seats(two).map(s => s.to - s.from))
    for (const most of [largest / 2, 2 * largest]) {
      const over = homes(record(2, most)).filter(home => end(home) > most)
      assert.is(over.length > 0, largest > most)
      assert.equal(
        over.filter(home => home.length > 1),
        [],
        'only one tensor alone may be over the limit',
      )
    }
  } finally {
    for (const w of [...model.state().values(), ...sums.totals.values()]) release(w)
  }
})

t.run()
