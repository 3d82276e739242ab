/** The tuner on clocks that tick slowly, stand still, jump and tremble: simulated ones, so nothing here is random. */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Launch } from '../../src/engine/launch.ts'
import { Plan } from '../../src/engine/plan.ts'
import { Random } from '../../src/engine/random.ts'
import { persistent, release } from '../../src/engine/transfer.ts'
import { choices, forgetChoices } from '../../src/engine/tune/choices.ts'
import { type Clocks, machineClocks } from '../../src/engine/tune/clocks.ts'
import { fastest, type Trial } from '../../src/engine/tune/fastest.ts'
import { race } from '../../src/engine/tune/race.ts'
import { Stopwatch } from '../../src/engine/tune/stopwatch.ts'
import { row, tune, tuning } from '../../src/engine/tune/tune.ts'
import { ladderNamed, type Rung } from '../../src/gpu/kernel.ts'
import { launchKey, picks } from '../../src/gpu/ladder.ts'
import { matmul } from '../../src/ops/matmul.ts'

const t = suite('engine/tune on any clock')

interface Machine {
  /** Microseconds that a run of a rung takes. */
  readonly us: Readonly<Record<string, number>>
  /** Nanoseconds of a tick. */
  readonly tick?: number
  readonly hostTick?: number
  /** Another reading than the ticks from begin to end, ms, for the `count`th pass; undefined leaves it. */
  readonly broken?: (ms: number, count: number) => number | undefined
  readonly timestamps?: boolean
  /** Factor of the time of a pass. */
  readonly noise?: (r: Random) => number
  readonly seed?: number
}

/** A machine with clocks of its own. `spent` are the milliseconds that have passed in it, `runs` what it has run. */
function simulate({ us, tick = 1, hostTick = 1000, broken, timestamps = true, noise = () => 1, seed = 1 }: Machine) {
  const random = new Random(seed)
  const begun = Math.floor(random.uniform(1e9, 2e9)) // a clock may be anywhere between two ticks
  let ns = begun
  let passes = 0
  const spent = { runs: 0, ms: () => (ns - begun) / 1e6 }
  const rounded = (unit: number) => Math.floor(ns / unit) * unit
  const clocks: Clocks = {
    timestamps,
    now() {
      ns += 400 // a look takes time, too
      return rounded(hostTick) / 1e6
    },
    async run(l, times) {
      spent.runs += times
      ns += 150_000 // encoding and submitting
      const begin = rounded(tick)
      ns += 2000 + times * us[l.rung.name]! * 1000 * noise(random)
      const ms = (rounded(tick) - begin) / 1e6
      ns += 150_000 // hearing of the end
      return timestamps ? (broken?.(ms, passes++) ?? ms) : undefined
    },
  }
  return { clocks, spent }
}

const rungsOf = (machine: Machine): Rung[] =>
  Object.keys(machine.us).map(name => ({ name, file: `${name}.wgsl`, grid: () => 1 }))

/** The race of all rungs of a machine, in their order; then the winner's name, where `usual` is the rules' choice. */
async function winnerOf(machine: Machine, usual: string) {
  const rungs = rungsOf(machine)
  const { clocks, spent } = simulate(machine)
  const watch = new Stopwatch(clocks)
  const launches = rungs.map(rung => ({ rung }) as Launch)
  const timings = (await race(launches, watch)) ?? (watch.fallBack() ? await race(launches, watch) : undefined)
  const trials = timings && rungs.map((rung, i): Trial => ({ rung, timing: timings[i] }))
  return { winner: trials && fastest(trials, rungs.find(r => r.name === usual)!).name, trials, spent, watch }
}

/** What is printed as a warning within `body`. */
async function warnings(body: () => Promise<void>): Promise<string[]> {
  const { warn } = console
  const found: string[] = []
  console.warn = (text: string) => found.push(text)
  try {
    await body()
  } finally {
    console.warn = warn
  }
  return found
}

const SEEDS = Array.from({ length: 40 }, (_, i) => i + 1)
const LADDER = { naive: 30, register: 9, workgroup: 6 }

t('a clock that ticks at 65 or 100 us tells launches of 6 and 9 us apart', async () => {
  for (const tick of [65_536, 100_000])
    for (const seed of SEEDS) {
      const { winner, trials, spent } = await winnerOf({ us: LADDER, tick, seed }, 'register')
      assert.is(winner, 'workgroup')
      for (const { rung, timing } of trials!) {
        const truth = LADDER[rung.name as keyof typeof LADDER] / 1000
        assert.ok(Math.abs(timing!.ms / truth - 1) < 0.06, `${rung.name}: ${timing!.ms} ms of ${truth}`)
        assert.ok(timing!.spread >= 0.005 * timing!.ms, 'half a tick of a reading of 20 to 100')
      }
      assert.ok(spent.ms() < 100, `${spent.ms()} ms`)
    }
})

t('where nothing can be told apart the rules keep their rung; if it is out, the last rung wins', async () => {
  for (const tick of [1, 100_000])
    for (const seed of SEEDS) {
      const machine = { us: { a: 20, b: 20, c: 20, d: 90 }, tick, seed }
      for (const usual of ['a', 'b', 'c']) assert.is((await winnerOf(machine, usual)).winner, usual)
      assert.is((await winnerOf(machine, 'd')).winner, 'c')
    }
})

t('the rules keep their rung unless another is clearly faster', () => {
  const [a, b, c] = rungsOf({ us: { a: 1, b: 1, c: 1 } }) as [Rung, Rung, Rung]
  const of = (rung: Rung, ms?: number, spread = 0): Trial => ({
    rung,
    timing: ms === undefined ? undefined : { ms, spread, readings: 8 },
  })
  assert.is(fastest([of(a, 9), of(b, 1), of(c, 1.02)], c), c)
  assert.is(fastest([of(a, 9), of(b, 1), of(c, 1.2)], c), b)
  assert.is(fastest([of(a, 9), of(b, 1, 0.1), of(c, 1.2, 0.1)], c), c, 'their spreads meet')
  assert.is(fastest([of(a, 9), of(b, 1, 0.09), of(c, 1.2, 0.1)], c), b, 'they do not')
  assert.is(fastest([of(a, 0), of(b, 0), of(c)], c), b, 'the last of equals, for the rules have a rung that is wrong')
  assert.is(fastest([of(a, 0), of(b, 0), of(c, 0)], a), a, 'the rules have one of the equals')
  assert.is(fastest([of(a, 1), of(b, 1.03), of(c, 9)], c), a, 'told apart, so not equal')
  assert.is(fastest([of(a, 1, 0.02), of(b, 1.03, 0.02), of(c, 9)], c), b)
  assert.is(fastest([of(a, 1, 0.3), of(b, 1.5, 0.3), of(c, 9)], c), a, 'not told apart for sure, but far behind')
  assert.is(fastest([of(a, 9), of(b, 5), of(c)], c), b)
  assert.is(fastest([of(a), of(c)], c), c)
})

t('noise does not decide', async () => {
  /** How many of the seeds let another rung than the rules' win. */
  const wins = async (us: Record<string, number>, noise: (r: Random) => number): Promise<number> => {
    let n = 0
    for (const seed of SEEDS) if ((await winnerOf({ us, noise, seed }, 'rule')).winner !== 'rule') n++
    return n
  }
  const trembling = (r: Random) => 1 - 0.05 * Math.log(1 - r.next())
  assert.is(await wins({ other: 100, rule: 100 }, trembling), 0)
  assert.is(await wins({ other: 100, rule: 100, another: 100, third: 100 }, trembling), 0)
  assert.is(await wins({ other: 75, rule: 100 }, trembling), SEEDS.length)
  // Others use the machine: half of the passes take up to twice as long.
  const busy = (r: Random) => 1 + Math.max(0, r.uniform(-1, 1))
  assert.ok((await wins({ other: 100, rule: 100, another: 100 }, busy)) <= 2)
  assert.ok((await wins({ other: 40, rule: 100 }, busy)) >= SEEDS.length - 2)
})

t('timestamps that stand still or make no sense give way to the clock of the host, which is said once', async () => {
  const clocks: Record<string, Machine['broken']> = {
    'always equal': () => 0,
    'always one tick': () => 0.065536,
    backwards: ms => -ms,
    'the first is missing': () => 1.7e12,
    '2^63': () => 2 ** 63 / 1e6,
    'not a number': () => Number.NaN,
    'stops after a while': (_, count) => (count > 12 ? 0 : undefined),
    'runs backwards after a while': (ms, count) => (count > 12 ? -ms : undefined),
  }
  for (const [name, broken] of Object.entries(clocks)) {
    const said = await warnings(async () => {
      const { winner, spent, watch } = await winnerOf({ us: LADDER, broken: broken! }, 'naive')
      assert.is(winner, 'workgroup', name)
      assert.match(watch.text, "the host's clock", name)
      assert.not(watch.fallBack(), name)
      assert.ok(spent.ms() < 1000, `${name}: ${spent.ms()} ms`)
    })
    assert.is(said.length, 1, name)
    assert.match(said[0]!, /timestamps stand still or make no sense.*host's clock/)
  }
})

t('a timestamp that is set back now and then costs a reading, no more', async () => {
  const broken = (ms: number, count: number) => (count % 5 === 4 ? -ms : count % 7 === 6 ? 2 ** 63 / 1e6 : undefined)
  for (const seed of SEEDS) {
    const said = await warnings(async () => {
      const { winner, watch } = await winnerOf({ us: LADDER, broken, tick: 100_000, seed }, 'naive')
      assert.is(winner, 'workgroup')
      assert.match(watch.text, 'timestamps')
    })
    assert.equal(said, [])
  }
})

t('without timestamps the host measures: by 1 us, 100 us or 1 ms, above what a submit costs', async () => {
  for (const hostTick of [1000, 100_000, 1_000_000])
    for (const seed of SEEDS) {
      const { winner, trials } = await winnerOf({ us: LADDER, timestamps: false, hostTick, seed }, 'naive')
      assert.is(winner, 'workgroup', `${hostTick} ns`)
      // A reading of the host has the cost of a submit in it, a quarter at most, the same for all.
      const [naive, , workgroup] = trials!.map(({ timing }) => timing!.ms)
      assert.ok(Math.abs(naive! / workgroup! / 5 - 1) < 0.2, `${hostTick} ns: ${naive} and ${workgroup}`)
    }
})

t('a host that ticks each 100 ms cannot tell, and is asked for a moment only', async () => {
  const { winner, spent } = await winnerOf({ us: LADDER, timestamps: false, hostTick: 1e8 }, 'naive')
  assert.is(winner, undefined)
  assert.ok(spent.ms() < 1500, `${spent.ms()} ms`) // three ticks to see them, and some readings
})

t('slow launches are run a few times only, whatever the clock', async () => {
  const us = { naive: 900_000, register: 300_000 }
  const noise = (r: Random) => r.uniform(1, 1.01)
  const runsOf = async (machine: Partial<Machine>, told: number): Promise<number> => {
    let runs = 0
    const said = await warnings(async () => {
      const { winner, spent } = await winnerOf({ us, noise, ...machine }, 'naive')
      assert.is(winner, 'register')
      runs = spent.runs
    })
    assert.is(said.length, told)
    return runs
  }
  // The one that is far behind once, the other one three times.
  assert.is(await runsOf({}, 0), 4)
  assert.is(await runsOf({ tick: 100_000 }, 0), 4)
  assert.is(await runsOf({ timestamps: false }, 0), 4)
  assert.is(await runsOf({ broken: () => 0 }, 1), 7)
})

t('readings that are far off, in either direction, do not move a time', async () => {
  const broken = (ms: number, count: number) => [undefined, 3 * ms, undefined, undefined, ms / 4][count % 7]
  for (const seed of SEEDS) {
    const { trials } = await winnerOf({ us: { a: 20, b: 30 }, broken, seed }, 'a')
    for (const [i, { timing }] of trials!.entries()) {
      const truth = [0.02, 0.03][i]!
      assert.ok(Math.abs(timing!.ms / truth - 1) < 0.02, `${timing!.ms} ms of ${truth}`)
    }
  }
})

t('a clock that stands still is not looked at for ever', () => {
  const stopped = new Stopwatch({ timestamps: true, now: () => 5, run: () => Promise.resolve(0) })
  assert.ok(stopped.stopped)
  assert.not(new Stopwatch(machineClocks).stopped)
})

/** A plan of one matrix product, tuned by these clocks. */
async function tunedBy(clocks: Clocks, body: (plan: Plan) => Promise<void> | void): Promise<void> {
  const x = persistent([40, 40])
  const plan = Plan.record(() => [matmul(x, x)])
  Object.assign(process.env, { TUNE: '1', TUNE_CACHE: '/dev/null/none' })
  try {
    await tune(plan.launches, new Stopwatch(clocks))
    await body(plan)
  } finally {
    process.env.TUNE = '0'
    delete process.env.TUNE_CACHE
    forgetChoices()
    release(x)
  }
}

t('a plan is tuned by the clock that it is given; where none is of use the rules choose, and say so once', async () => {
  const ladder = ladderNamed('matmul')
  const us = Object.fromEntries(ladder.rungs.map(r => [r.name, r.name === 'register' ? 4 : 7]))
  for (const broken of [undefined, () => 0])
    await warnings(() =>
      tunedBy(simulate({ us, tick: 100_000, ...(broken && { broken }) }).clocks, plan => {
        assert.is(picks.get(launchKey(ladder, plan.launches[0]!.params))!.name, 'register')
      }),
    )
  const { left } = tuning
  const run = () => Promise.resolve(0)
  const said = await warnings(async () => {
    for (let i = 0; i < 2; i++)
      await tunedBy({ timestamps: true, now: () => 5, run }, () => assert.equal(choices(), {}))
    for (let i = 0; i < 2; i++)
      await tunedBy(simulate({ us, timestamps: false, hostTick: 1e8 }).clocks, () => assert.equal(choices(), {}))
  })
  assert.is(tuning.left, left + 4)
  assert.is(said.length, 2)
  assert.match(said[0]!, /^warning: the host's clock stands still.*the rules choose/)
  assert.match(said[1]!, /^warning: no clock here is fine enough.*the rules choose/)
})

t('the table shows the spread beside each time', () => {
  const [a, b, c, d] = rungsOf({ us: { naive: 1, other: 1, rule: 1, slow: 1 } }) as [Rung, Rung, Rung, Rung]
  const ladder = { name: 'sums', rungs: [a, b, c, d] as const }
  const trials = [
    { rung: a, timing: undefined },
    { rung: b, timing: { ms: 0.01234, spread: 0.0001, readings: 8 } },
    { rung: c, timing: { ms: 123.45, spread: 20, readings: 3 } },
    { rung: d, timing: { ms: 400, spread: 0, readings: 1 } },
  ]
  const text = row({ ladder, params: {}, shapes: { x: [3, 5] }, count: 2 }, trials, c, b)
  assert.match(text, /^sums +3x5 +2 {2}naive ! {3}other 0\.0123 ±1%\* {3}rule 123\.5 ±17%= {3}slow 400\.0 once$/)
})

t.run()
