/**
 * The host's time for a launch, eagerly and replayed from a plan: measured on Dawn's null backend, which takes commands
 * and runs nothing.
 *
 *   npm run bench:dispatch
 */
import { performance } from 'node:perf_hooks'
import { scope } from '../src/engine/eager.ts'
import { close, open } from '../src/engine/open.ts'
import { Plan } from '../src/engine/plan.ts'
import { finish, persistent } from '../src/engine/transfer.ts'
import { relu } from '../src/ops/elementwise.ts'
import { presetStep } from './preset_step.ts'

process.env.BACKEND = 'null'
process.env.TUNE = '0' // a backend that computes nothing has nothing to measure
await open()

const median = (v: number[]): number => v.sort((a, b) => a - b)[v.length >> 1]!
/** Microseconds a launch: the median of so many rounds, after a few that warm the host's compiler up. */
async function cost(round: () => number, rounds: number): Promise<number> {
  const times: number[] = []
  for (let i = -5; i < rounds; i++) {
    const start = performance.now()
    const launches = round()
    if (i >= 0) times.push((1000 * (performance.now() - start)) / launches)
    await finish()
  }
  return median(times)
}

const x = persistent([64])
const eager = await cost(() => {
  scope(() => {
    for (let i = 0; i < 500; i++) relu(x)
    return []
  })
  return 500
}, 15)

const { step: tinyStep } = presetStep('tiny')
const start = performance.now()
const plan = await Plan.make(tinyStep)
const made = performance.now() - start
const replayed = await cost(() => {
  plan.run()
  return plan.launches.length
}, 25)

const step = `${plan.launches.length} launches: ${((replayed * plan.launches.length) / 1000).toFixed(2)} ms`
console.log(`eager launch                     ${eager.toFixed(2)} us
replayed launch                  ${replayed.toFixed(2)} us   (a tiny TASN training step of ${step})
recording and placing that step  ${made.toFixed(0)} ms`)
await close()
