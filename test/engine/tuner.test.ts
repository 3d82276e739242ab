/** The tuner: wrong rungs lose, winners are kept and used, and a run's choices can be taken up again. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { persistent, read, release } from '../../src/engine/execute.ts'
import { adapterInfo } from '../../src/gpu/device.ts'
import {
  type Kernel,
  type Ladder,
  labelOf,
  ladderNamed,
  launchKey,
  picks,
  rungsThatFit,
  withRung,
} from '../../src/gpu/kernel.ts'
import { valueAndGrad } from '../../src/ops/backward.ts'
import { conv2d } from '../../src/ops/conv2d.ts'
import { matmul } from '../../src/ops/matmul.ts'
import '../../src/ops/reduce.ts'
import { Plan } from '../../src/engine/plan.ts'
import { Random } from '../../src/engine/random.ts'
import type { Tensor } from '../../src/engine/tensor.ts'
import {
  type Case,
  casesOf,
  choices,
  fastest,
  forgetChoices,
  measure,
  tuning,
  useChoices,
  withFewerImages,
} from '../../src/engine/tuner.ts'

const t = suite('tuner')
const random = new Random(3)
const noise = (shape: number[]): Tensor =>
  persistent(
    shape,
    Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => random.uniform(-1, 1)),
  )

/** With the tuner on and a cache of its own. */
async function tuned(body: (cache: string) => Promise<void>): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), 'tuner-'))
  const cache = join(dir, 'sub', 'tuned.json')
  Object.assign(process.env, { TUNE: '1', TUNE_CACHE: cache })
  try {
    await body(cache)
  } finally {
    process.env.TUNE = '0'
    delete process.env.TUNE_CACHE
    forgetChoices()
    rmSync(dir, { recursive: true })
  }
}

t('a rung that computes something else gets no time, so it cannot win', async () => {
  const { file, work } = ladderNamed('reduce').rungs[0]
  const sums: Kernel = { file, work, consts: { OP: 0 } }
  const largest: Kernel = { file, work, consts: { OP: 1 } }
  const wrong: Ladder = { name: 'sum or max', rungs: [sums, largest, { ...sums }] }
  const trials = await measure({
    ladder: wrong,
    params: { outer: 8, axis: 100, inner: 1, scale: 1 },
    shapes: { x: [8, 100], y: [8] },
    count: 1,
  })
  assert.ok(trials[0]!.ms! > 0)
  assert.is(trials[1]!.ms, undefined)
  assert.ok(trials[2]!.ms! > 0)
})

t('a rung that gives no number gets no time', async () => {
  const { file, work } = ladderNamed('reduce').rungs[0]
  const sums: Kernel = { file, work, consts: { OP: 0 } }
  // 8 outputs, of which the second rung is told to make one: seven are left as they were.
  const short: Kernel = { ...sums, work: () => [1, 1, 1], consts: { OP: 0, WG: 1 } }
  const params = { outer: 8, axis: 100, inner: 1, scale: 1 }
  const shapes = { x: [8, 100], y: [8] }
  const [first, second] = await measure({
    ladder: { name: 'short', rungs: [sums, short] },
    params,
    shapes,
    count: 1,
  } satisfies Case)
  assert.ok(first!.ms! > 0)
  assert.is(second!.ms, undefined)
})

t('the rules keep their rung unless another is clearly faster', () => {
  const [a, b, c] = ladderNamed('matmul').rungs as unknown as [Kernel, Kernel, Kernel]
  assert.is(
    fastest(
      [
        { kernel: a, ms: 9 },
        { kernel: b, ms: 1 },
        { kernel: c, ms: 1.02 },
      ],
      c,
    ),
    c,
  )
  assert.is(
    fastest(
      [
        { kernel: a, ms: 9 },
        { kernel: b, ms: 1 },
        { kernel: c, ms: 1.2 },
      ],
      c,
    ),
    b,
  )
  assert.is(
    fastest(
      [
        { kernel: a, ms: 9 },
        { kernel: b, ms: 5 },
        { kernel: c, ms: undefined },
      ],
      c,
    ),
    b,
  )
  assert.is(
    fastest(
      [
        { kernel: a, ms: undefined },
        { kernel: c, ms: undefined },
      ],
      c,
    ),
    c,
  )
})

t('a plan measures its shapes once, uses the winners, and the next process finds them in the cache', () =>
  tuned(async cache => {
    const a = noise([40, 64])
    const b = noise([64, 48])
    const before = tuning.shapes
    const plan = await Plan.make(() => [matmul(a, b)])
    assert.is(tuning.shapes, before + 1)
    const want = await read(plan.run()[0]!)
    const chosen = picks.get(launchKey(ladderNamed('matmul'), plan.launches[0]!.params))
    assert.is(plan.launches[0]!.variant.kernel, chosen)
    plan.destroy()

    // Another winner in the file, to see that it is read: rung 2, where rung 1 or 3 would be found.
    const label = labelOf(ladderNamed('matmul').rungs[1]!)
    writeFileSync(cache, readFileSync(cache, 'utf8').replaceAll(/"matmul\/[^"]*"/g, JSON.stringify(label)))
    forgetChoices()
    const again = await Plan.make(() => [matmul(a, b)])
    assert.is(tuning.shapes, before + 1, 'nothing was measured again')
    assert.is(labelOf(again.launches[0]!.variant.kernel), label)
    const got = await read(again.run()[0]!)
    for (let i = 0; i < want.length; i++) assert.ok(Math.abs(got[i]! - want[i]!) < 1e-5)
    again.destroy()
    for (const x of [a, b]) release(x)
  }),
)

t('a plan that was recorded before the tuner knew takes the winner when it is made ready', () =>
  tuned(async () => {
    const a = noise([24, 40])
    const b = noise([40, 56])
    const early = Plan.record(() => [matmul(a, b)])
    const forced = withRung('matmul', 0, () => Plan.record(() => [matmul(a, b)]))
    useChoices({ matmul: { [JSON.stringify(early.launches[0]!.params)]: 'matmul/2_register' } })
    for (const plan of [early, forced]) await plan.ready()
    assert.is(labelOf(early.launches[0]!.variant.kernel), 'matmul/2_register')
    assert.is(labelOf(forced.launches[0]!.variant.kernel), 'matmul/1_naive', 'a rung that was asked for stays')
    for (const plan of [early, forced]) plan.destroy()
    for (const x of [a, b]) release(x)
  }),
)

t('a broken cache costs measuring, nothing else', () =>
  tuned(async cache => {
    const a = noise([16, 16])
    const make = async (): Promise<void> => {
      ;(await Plan.make(() => [matmul(a, a)])).destroy()
    }
    await make()
    const before = tuning.shapes
    for (const text of ['not JSON', '[]', 'null']) {
      writeFileSync(cache, text)
      forgetChoices()
      await make()
    }
    assert.is(tuning.shapes, before + 3)
    assert.ok(JSON.parse(readFileSync(cache, 'utf8')))
    release(a)
  }),
)

t('choices of a run are taken up again: nothing is measured, and what is not to be had is told', () =>
  tuned(async () => {
    const a = noise([16, 24])
    const b = noise([24, 16])
    const params = Plan.record(() => [matmul(a, b)]).launches[0]!.params
    const kept = { matmul: { [JSON.stringify(params)]: 'matmul/1_naive' } }
    const before = tuning.shapes
    assert.equal(useChoices(kept), [])
    assert.equal(choices(), kept)
    const plan = await Plan.make(() => [matmul(a, b), matmul(b, a)])
    assert.is(tuning.shapes, before)
    assert.is(labelOf(plan.launches[0]!.variant.kernel), 'matmul/1_naive')
    assert.equal(useChoices({ matmul: { '{"M":1}': 'matmul/9_magic' }, spell: { '{}': 'x' } }).length, 2)
    plan.destroy()
    for (const x of [a, b]) release(x)
  }),
)

t('launches that would take rung 1 too long are measured with fewer images', async () => {
  const x = persistent([6, 3, 8, 8])
  const w = persistent([4, 3, 3, 3])
  const dy = persistent([6, 4, 8, 8])
  const cases = casesOf(
    Plan.record(() => {
      for (const p of [x, w]) p.requiresGrad = true
      return [...valueAndGrad(() => conv2d(x, w, undefined, { padding: 1 }), [x, w], dy).grads.values()]
    }).launches,
  ).filter(c => c.ladder.name.startsWith('conv2d'))
  assert.is(cases.length, 3)
  for (const c of cases) {
    const flop = c.ladder.rungs[0].flop!(c.params)
    assert.is(withFewerImages(c, flop), c)
    const two = withFewerImages(c, flop / 3)!
    assert.is(two.params.N, 2)
    for (const { ms } of await measure(two)) assert.ok(ms! > 0) // every rung right, so the shapes fit the params
    assert.is(withFewerImages(c, flop / 7), undefined)
  }
  for (const p of [x, w, dy]) release(p)
})

t('half precision has to be asked for', () => {
  const matmul = ladderNamed('matmul')
  const params = { batch: 1, M: 256, N: 256, K: 256, TA: 0, TB: 0 }
  const halves = (list: readonly Kernel[]): number => list.filter(k => k.half).length
  assert.is(halves(rungsThatFit(matmul, params)), 0)
  assert.is(halves(rungsThatFit(matmul, params, { all: true })), Number(adapterInfo.features.includes('shader-f16')))
  process.env.F16 = '1'
  assert.is(halves(rungsThatFit(matmul, params)), Number(adapterInfo.features.includes('shader-f16')))
  delete process.env.F16
})

t('what half precision has won is not taken without it', () =>
  tuned(async cache => {
    const a = noise([256, 256])
    const make = async () => {
      const plan = await Plan.make(() => [matmul(a, a)])
      const { kernel } = plan.launches[0]!.variant
      plan.destroy()
      return kernel
    }
    await make()
    const half = ladderNamed('matmul').rungs.find(k => k.half)!
    const text = readFileSync(cache, 'utf8')
    // As if F16=1 had written it.
    writeFileSync(cache, text.replaceAll(/"matmul\/[^"]*"/g, JSON.stringify(labelOf(half))))
    forgetChoices()
    const before = tuning.shapes
    assert.not.ok((await make()).half)
    assert.is(tuning.shapes, before + 1, 'it was measured instead')
    picks.set(launchKey(ladderNamed('matmul'), { batch: 1, M: 256, N: 256, K: 256, TA: 0, TB: 0 }), half)
    assert.not.ok((await make()).half)
    process.env.F16 = '1'
    try {
      forgetChoices()
      await make()
      assert.is(tuning.shapes, before + 2, 'with it there are more rungs to measure')
    } finally {
      delete process.env.F16
    }
    release(a)
  }),
)

t('TUNE=0: nothing is measured or picked', async () => {
  const a = noise([16, 16])
  const before = tuning.shapes
  const plan = await Plan.make(() => [matmul(a, a)])
  assert.is(tuning.shapes, before)
  assert.equal(choices(), {})
  plan.destroy()
  release(a)
})

t.run()
