/** The tuner: wrong rungs lose, winners are kept and used, and a run's choices can be taken up again. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { hooks } from '../../src/engine/launch.ts'
import { Plan } from '../../src/engine/plan.ts'
import { Random } from '../../src/engine/random.ts'
import type { Tensor } from '../../src/engine/tensor.ts'
import { persistent, read, release } from '../../src/engine/transfer.ts'
import { type Case, casesOf, withFewerImages } from '../../src/engine/tune/cases.ts'
import { choices, forgetChoices, useChoices } from '../../src/engine/tune/choices.ts'
import { type Clocks, machineClocks } from '../../src/engine/tune/clocks.ts'
import { fastest } from '../../src/engine/tune/fastest.ts'
import { candidates, measure } from '../../src/engine/tune/measure.ts'
import { Stopwatch } from '../../src/engine/tune/stopwatch.ts'
import { tune, tuning } from '../../src/engine/tune/tune.ts'
import { adapterInfo, gpu } from '../../src/gpu/device.ts'
import { type Ladder, ladderNamed, type Rung } from '../../src/gpu/kernel.ts'
import { launchKey, picks, rungsThatFit, withRung } from '../../src/gpu/ladder.ts'
import { valueAndGrad } from '../../src/ops/backward.ts'
import { conv2d } from '../../src/ops/conv2d.ts'
import { augment, CHANGE_SIZE } from '../../src/ops/image.ts'
import { matmul } from '../../src/ops/matmul.ts'
import { maxPool2d } from '../../src/ops/pool.ts'
import { sum } from '../../src/ops/reduce.ts'
import { setVariable } from '../support/variable.ts'

const t = suite('engine/tune')
const random = new Random(3)
const noise = (shape: number[]): Tensor =>
  persistent(
    shape,
    Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => random.uniform(-1, 1)),
  )

/** By this machine's clocks; here only which rungs get a time matters. */
const trialsOf = async (c: Case) => (await measure(c, new Stopwatch(machineClocks)))!

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
  const { file, grid } = ladderNamed('reduce').rungs[0]
  const sums: Rung = { name: 'sums', file, grid, consts: { OP: 0 } }
  const largest: Rung = { ...sums, name: 'largest', consts: { OP: 1 } }
  const wrong: Ladder = { name: 'sum or max', rungs: [sums, largest, { ...sums, name: 'sums again' }] }
  const trials = await trialsOf({
    ladder: wrong,
    params: { outer: 8, axis: 100, inner: 1, repeat: 1, jump: 100, scale: 1 },
    shapes: { x: [8, 100], y: [8] },
    count: 1,
  })
  assert.ok(trials[0]!.timing!.ms > 0)
  assert.is(trials[1]!.timing, undefined)
  assert.ok(trials[2]!.timing!.ms > 0)
})

t('a rung that gives no number gets no time', async () => {
  const { file, grid } = ladderNamed('reduce').rungs[0]
  const sums: Rung = { name: 'sums', file, grid, consts: { OP: 0 } }
  // 8 outputs, of which the second rung is told to make one: seven are left as they were.
  const short: Rung = { ...sums, name: 'short', grid: () => [1, 1, 1], consts: { OP: 0, WG: 1 } }
  const params = { outer: 8, axis: 100, inner: 1, repeat: 1, jump: 100, scale: 1 }
  const shapes = { x: [8, 100], y: [8] }
  const [first, second] = await trialsOf({ ladder: { name: 'short', rungs: [sums, short] }, params, shapes, count: 1 })
  assert.ok(first!.timing!.ms > 0)
  assert.is(second!.timing, undefined)
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
    assert.is(plan.launches[0]!.rung, chosen)
    plan.destroy()

    // Another winner in the file, to see that it is read: rung 2, where rung 1 or 3 would be found.
    const label = ladderNamed('matmul').rungs[1]!.name
    writeFileSync(cache, readFileSync(cache, 'utf8').replace(/("\{[^\n]*: )"[^"]*"/g, `$1${JSON.stringify(label)}`))
    forgetChoices()
    const again = await Plan.make(() => [matmul(a, b)])
    assert.is(tuning.shapes, before + 1, 'nothing was measured again')
    assert.is(again.launches[0]!.rung.name, label)
    const got = await read(again.run()[0]!)
    for (let i = 0; i < want.length; i++) assert.ok(Math.abs(got[i]! - want[i]!) < 1e-5)
    again.destroy()
    for (const x of [a, b]) release(x)
  }),
)

t('kernels that take pixels or places are measured, too', () =>
  tuned(async () => {
    const before = tuning.shapes
    const pixels = persistent([2, 8, 8], new Uint32Array(128), 'u32')
    const change = persistent([2, CHANGE_SIZE])
    const x = noise([2, 3, 8, 8])
    x.requiresGrad = true
    const plan = await Plan.make(() => [
      augment(pixels, change),
      valueAndGrad(() => sum(maxPool2d(x, 3, { stride: 2, padding: 1 })), [x]).grads.get(x)!,
    ])
    assert.ok(picks.size && tuning.shapes >= before + 2)
    plan.destroy()
    for (const t of [pixels, change, x]) release(t)
  }),
)

t('where the GPU has no memory to measure in, the rules choose, and the plan runs', () =>
  tuned(async () => {
    const plan = Plan.record(() => [matmul(noise([24, 40]), noise([40, 72]))])
    const pop = gpu.popErrorScope.bind(gpu)
    let refused = 0
    gpu.popErrorScope = async () => {
      await pop()
      return refused++ === 0 ? new GPUOutOfMemoryError('no room') : null
    }
    const { warn } = console
    const said: string[] = []
    console.warn = (text: string) => said.push(text)
    const { left, shapes } = tuning
    try {
      await tune(plan.launches)
    } finally {
      console.warn = warn
      delete (gpu as { popErrorScope?: unknown }).popErrorScope
    }
    assert.equal([tuning.left, tuning.shapes], [left + 1, shapes])
    assert.match(said.join(), /the GPU has not the memory to time some launches, so the rules choose their rungs/)
    await plan.ready()
    await read(plan.run()[0]!)
    plan.destroy()
  }),
)

t('a plan that was recorded before the tuner knew takes the winner when it is made ready', () =>
  tuned(async () => {
    const a = noise([24, 40])
    const b = noise([40, 56])
    const early = Plan.record(() => [matmul(a, b)])
    const forced = withRung(ladderNamed('matmul'), 'naive', () => Plan.record(() => [matmul(a, b)]))
    const { params, rung: before } = early.launches[0]!
    const other = rungsThatFit(ladderNamed('matmul'), params).find(r => r !== before && r.name !== 'naive')!
    useChoices({ matmul: { [JSON.stringify(params)]: other.name } })
    const moved: string[] = []
    hooks.afterMove = l => moved.push(l.rung.name)
    for (const plan of [early, forced]) await plan.ready()
    delete hooks.afterMove
    assert.equal(moved, [other.name], 'the move is told, for DEBUG=1')
    assert.is(early.launches[0]!.rung.name, other.name)
    assert.is(forced.launches[0]!.rung.name, 'naive', 'a rung that was asked for stays')
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
    const key = JSON.stringify(params)
    const kept = { matmul: { [key]: 'naive' } }
    const before = tuning.shapes
    assert.equal(useChoices({ matmul: { [key]: 'matmul/1_naive' } }), [], 'the labels of version 0.1')
    assert.equal(choices(), kept)
    assert.equal(useChoices(kept), [])
    assert.equal(choices(), kept)
    const plan = await Plan.make(() => [matmul(a, b), matmul(b, a)])
    assert.is(tuning.shapes, before)
    assert.is(plan.launches[0]!.rung.name, 'naive')
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
    const flop = c.ladder.flop!(c.params)
    assert.is(withFewerImages(c, flop), c)
    const two = withFewerImages(c, flop / 3)!
    assert.is(two.params.N, 2)
    for (const { timing } of await trialsOf(two)) assert.ok(timing!.ms > 0) // each is right: the shapes fit
    assert.is(withFewerImages(c, flop / 7), undefined)
  }
  for (const p of [x, w, dy]) release(p)
})

/** Sums over rows, of which `outer` are images of their own. */
const rowSums = (rungs: readonly string[], more: Partial<Rung>[] = []): Ladder => {
  const { file, grid } = ladderNamed('reduce').rungs[0]
  return {
    name: 'sums',
    rungs: rungs.map((name, i) => ({ name, file, grid, consts: { OP: 0 }, ...more[i] })) as [Rung, ...Rung[]],
    flop: p => p.outer! * p.axis!,
    batch: { axis: 'outer', tensors: ['x', 'y'] },
  }
}
const sumsOf = (ladder: Ladder, outer: number): Case => ({
  ladder,
  params: { outer, axis: 100, inner: 1, repeat: 1, jump: 100, scale: 1 },
  shapes: { x: [outer, 100], y: [outer] },
  count: 1,
})

t('a large launch is timed with fewer images, and those near the front race at its full size', async () => {
  // Milliseconds of a launch for each image, with a few of them and with all.
  const costs: Record<string, readonly [few: number, all: number]> = {
    slow: [5, 5],
    first: [1, 1.5],
    second: [1.5, 1],
  }
  const ran: string[] = []
  let ms = 0
  const clocks: Clocks = {
    timestamps: false,
    now: () => (ms += 0.001),
    async run(l, times) {
      const [few, all] = costs[l.rung.name]!
      const { outer } = l.params
      if (times) ran.push(`${l.rung.name} ${outer}`)
      ms += times * outer! * (outer! > 4 ? all : few)
      return undefined
    },
  }
  const c = sumsOf(rowSums(Object.keys(costs)), 12)
  const trials = (await measure(c, new Stopwatch(clocks), withFewerImages(c, 400)))!
  const times = trials.map(({ timing }) => Math.round(timing!.ms))
  assert.equal(times, [60, 18, 12], 'the slow one is scaled from four images')
  assert.equal([...new Set(ran)], ['slow 4', 'first 4', 'second 4', 'first 12', 'second 12'])
  assert.is(fastest(trials, c.ladder.rungs[1]!).name, 'second')
})

t('results are compared on a few images, and never on one alone', async () => {
  const one: Partial<Rung> = { grid: () => [1, 1, 1], consts: { OP: 0, WG: 1 } }
  const four: Partial<Rung> = { ...one, consts: { OP: 0, WG: 4 } }
  const trials = await trialsOf(sumsOf(rowSums(['all', 'one', 'four'], [{}, one, four]), 40))
  const right = trials.filter(r => r.timing).map(r => r.rung.name)
  assert.equal(right, ['all', 'four'], 'the others of 40 images are not looked at')
})

t('a GPU does not measure the rungs of CPUs', () => {
  const params = { N: 8, C: 16, H: 8, W: 8, K: 16, R: 3, S: 3, OH: 8, OW: 8, stride: 1, pad: 1, dilation: 1 }
  const ladder = ladderNamed('conv2d forward')
  const names = () => candidates({ ladder, params }).map(r => r.name)
  const { subgroup } = adapterInfo
  Object.assign(adapterInfo, { subgroup: 8 })
  const putBack = setVariable('MACHINE', 'gpu')
  try {
    assert.not.ok(names().some(name => /^(octet|rows|quartet|blocks|one photo)/.test(name)))
    for (const name of ['naive', 'subgroup', '128x128']) assert.ok(names().includes(name), name)
    process.env.MACHINE = 'cpu'
    assert.ok(names().includes('octet 16'))
  } finally {
    putBack()
    Object.assign(adapterInfo, { subgroup })
  }
})

t('half precision has to be asked for', () => {
  const matmul = ladderNamed('matmul')
  const params = { batch: 1, M: 256, N: 256, K: 256, TA: 0, TB: 0 }
  const halves = (list: readonly Rung[]): number => list.filter(r => r.needs?.f16).length
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
      const { rung } = plan.launches[0]!
      plan.destroy()
      return rung
    }
    await make()
    const half = ladderNamed('matmul').rungs.find(r => r.needs?.f16)!
    const text = readFileSync(cache, 'utf8')
    // As if F16=1 had written it.
    writeFileSync(cache, text.replace(/("\{[^\n]*: )"[^"]*"/g, `$1${JSON.stringify(half.name)}`))
    forgetChoices()
    const before = tuning.shapes
    assert.not.ok((await make()).needs?.f16)
    assert.is(tuning.shapes, before + 1, 'it was measured instead')
    picks.set(launchKey(ladderNamed('matmul'), { batch: 1, M: 256, N: 256, K: 256, TA: 0, TB: 0 }), half)
    assert.not.ok((await make()).needs?.f16)
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
