/** Optimisers against PyTorch's formulas in float64. */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Random } from '../../src/engine/random.ts'
import type { Tensor } from '../../src/engine/tensor.ts'
import { persistent, read, release, write } from '../../src/engine/transfer.ts'
import { ladderNamed } from '../../src/gpu/kernel.ts'
import { withRung } from '../../src/gpu/ladder.ts'
import { AdamW, type Optimizer, ParameterGroups, SGD } from '../../src/nn/optim.ts'

const STEPS = 5
const SIZES = [1, 67, 130]
const rateAt = (step: number): number => Math.fround(0.1 / (step + 1))

/**
 * Runs 5 steps with random gradients on the GPU and, one element at a time, by `rule`; returns the larger of the
 * errors.
 */
async function compare(
  make: (params: Map<string, Tensor>) => Optimizer,
  rule: () => (w: number, g: number, rate: number) => number,
  scale = 1,
): Promise<void> {
  const random = new Random(2)
  const draw = (n: number) => Float32Array.from({ length: n }, () => random.uniform(-1, 1))
  const params = new Map(SIZES.map(n => [`p${n}`, persistent([n], draw(n))]))
  const want = new Map<string, number[]>()
  const rules = new Map<string, ReturnType<typeof rule>[]>()
  for (const [name, w] of params) {
    want.set(name, [...(await read(w))])
    rules.set(name, Array.from({ length: w.size }, rule))
  }
  const start = new Map([...want].map(([name, v]) => [name, [...v]]))
  const optimizer = make(params)
  for (let step = 0; step < STEPS; step++) {
    const grads = new Map<Tensor, Tensor>()
    for (const [name, w] of params) {
      const g = draw(w.size)
      grads.set(w, persistent([w.size], g))
      want.set(
        name,
        want.get(name)!.map((v, i) => rules.get(name)![i]!(v, scale * g[i]!, rateAt(step))),
      )
    }
    optimizer.advance(rateAt(step))
    optimizer.step(grads, scale)
    assert.is(optimizer.steps, step + 1)
    for (const [name, w] of params) {
      // Measured against the way gone, not against the weight: a rule that is a little wrong would hide in it.
      const got = await read(w)
      const from = start.get(name)!
      const way = Math.max(...want.get(name)!.map((v, i) => Math.abs(v - from[i]!)))
      const error = Math.max(...want.get(name)!.map((v, i) => Math.abs(v - got[i]!))) / way
      assert.ok(error < 3e-6, `${name}, step ${step + 1}: off by ${error}`)
    }
  }
}

const t = suite('optim')

t("SGD is PyTorch's", async () => {
  for (const [momentum, weightDecay, nesterov] of [
    [0, 0, false],
    [0.9, 0, false],
    [0.9, 0.05, false],
    [0.9, 0.05, true],
    [0, 0.1, false],
  ] as const) {
    for (const scale of [1, 0.25]) {
      await compare(
        params => new SGD(params, { momentum, weightDecay, nesterov }),
        () => {
          let buffer: number | undefined
          return (w, g, rate) => {
            const d = g + weightDecay * w
            buffer = buffer === undefined ? d : momentum * buffer + d
            return w - rate * (nesterov ? d + momentum * buffer : buffer)
          }
        },
        scale,
      )
    }
  }
})

t("AdamW is PyTorch's", async () => {
  for (const [b1, b2, eps, weightDecay] of [
    [0.9, 0.999, 1e-8, 0],
    [0.9, 0.999, 1e-8, 0.1],
    [0.8, 0.95, 1e-3, 0.01],
  ] as const) {
    for (const scale of [1, 0.25]) {
      await compare(
        params => new AdamW(params, { b1, b2, eps, weightDecay }),
        () => {
          let m = 0
          let v = 0
          let step = 0
          return (w, g, rate) => {
            step++
            w *= 1 - rate * weightDecay
            m = b1 * m + (1 - b1) * g
            v = b2 * v + (1 - b2) * g * g
            return w - ((rate / (1 - b1 ** step)) * m) / (Math.sqrt(v) / Math.sqrt(1 - b2 ** step) + eps)
          }
        },
        scale,
      )
    }
  }
})

t('groups of parameters have rates of their own, and one state', async () => {
  const kept: string[][] = []
  for (const factor of [1, 10]) {
    const a = persistent([2], new Float32Array([1, 2]))
    const b = persistent([1], new Float32Array([3]))
    const groups = new ParameterGroups([
      { optimizer: new SGD(new Map([['a', a]])), factor: 1 },
      { optimizer: new SGD(new Map([['b', b]])), factor },
    ])
    const grads = new Map([
      [a, persistent([2], new Float32Array([1, -1]))],
      [b, persistent([1], new Float32Array([1]))],
    ])
    groups.advance(0.125)
    groups.step(grads)
    assert.equal([...(await read(a)), ...(await read(b))], [0.875, 2.125, 3 - 0.125 * factor])
    assert.is(groups.steps, 1)
    groups.steps = 7
    groups.advance(0.125)
    assert.is(groups.steps, 8)
    kept.push([...groups.state().keys()])
  }
  assert.equal(kept, [
    ['velocity.a', 'velocity.b'],
    ['velocity.a', 'velocity.b'],
  ])
})

t('a parameter without a gradient stays, and so does its velocity', async () => {
  const a = persistent([3], new Float32Array([1, 2, 3]))
  const b = persistent([2], new Float32Array([4, 5]))
  for (const optimizer of [
    new SGD(
      new Map([
        ['a', a],
        ['b', b],
      ]),
      { weightDecay: 0.5 },
    ),
    new AdamW(
      new Map([
        ['a', a],
        ['b', b],
      ]),
      { weightDecay: 0.5 },
    ),
  ]) {
    optimizer.advance(0.1)
    optimizer.step(new Map([[a, persistent([3], new Float32Array([1, 1, 1]))]]))
    assert.equal([...(await read(b))], [4, 5])
    for (const [name, s] of optimizer.state())
      assert.is(
        (await read(s)).some(v => v !== 0),
        name.endsWith('.a'),
        name,
      )
  }
  assert.ok((await read(a))[0]! < 1)
})

t(
  'advance() begins a step and counts it, step() does not: one step may be launched for several parameters',
  async () => {
    for (const Kind of [SGD, AdamW]) {
      const w = persistent([1], new Float32Array([1]))
      const g = persistent([1], new Float32Array([1]))
      const optimizer = new Kind(new Map([['w', w]]))
      optimizer.step(new Map([[w, g]]))
      assert.equal([optimizer.steps, ...(await read(w))], [0, 1], 'before the first advance() the rate is 0')
      optimizer.advance(0.5)
      assert.equal([optimizer.steps, ...(await read(w))], [1, 1], 'advance() moves nothing')
      optimizer.step(new Map([[w, g]]))
      assert.is(optimizer.steps, 1)
      assert.ok((await read(w))[0]! < 1)
    }
  },
)

t('state is named after the parameters, and with it a second optimiser goes on the same', async () => {
  const value = new Float32Array([1, 2])
  const g = persistent([2], new Float32Array([0.5, -1]))
  for (const [Kind, names] of [
    [SGD, ['velocity.x']],
    [AdamW, ['first.x', 'second.x']],
  ] as const) {
    const [a, b] = [persistent([2], value), persistent([2], value)]
    const one = new Kind(new Map([['x', a]]))
    const two = new Kind(new Map([['x', b]]))
    assert.equal([...one.state().keys()], names)
    one.advance(0.1)
    one.step(new Map([[a, g]]))
    write(b, await read(a))
    for (const [name, s] of one.state()) write(two.state().get(name)!, await read(s))
    two.steps = one.steps
    for (const [o, w] of [
      [one, a],
      [two, b],
    ] as const) {
      o.advance(0.1)
      o.step(new Map([[w, g]]))
    }
    assert.equal(await read(b), await read(a))
  }
})

t('every rung gives the same bits, of an element at a time and of four', async () => {
  const n = 2 * 2048 + 8
  const draw = () => Float32Array.from({ length: n }, (_, i) => Math.sin(i * i))
  for (const [ladder, make] of [
    ['optim/sgd', (w: Map<string, Tensor>) => new SGD(w, { momentum: 0.9, weightDecay: 0.1, nesterov: true })],
    ['optim/adam', (w: Map<string, Tensor>) => new AdamW(w, { weightDecay: 0.1 })],
  ] as const) {
    const l = ladderNamed(ladder)
    const results: Float32Array[] = []
    for (const rung of l.rungs) {
      const [w, g] = [persistent([n], draw()), persistent([n], draw())]
      const o = make(new Map([['w', w]]))
      for (let k = 0; k < 3; k++) {
        o.advance(0.1)
        withRung(l, rung.name, () => o.step(new Map([[w, g]])))
      }
      results.push(await read(w))
      for (const t of [w, g, ...o.state().values()]) release(t)
    }
    assert.is(results.length, 4)
    for (const r of results) assert.equal(r, results[0])
  }
})

t.run()
