/**
 * Whole training steps, replayed from plans: what the host spends, how long a step takes, images per second, memory;
 * and how soon the first step is done in a process that has compiled nothing yet.
 *
 *   npm run bench:step [-- --only resnet18 --runs 15 --json FILE]
 */
import { writeFileSync } from 'node:fs'
import { Command, InvalidArgumentError } from 'commander'
import { close, open } from '../src/engine/open.ts'
import { adapterInfo } from '../src/gpu/device.ts'
import { nameOf } from './figures.ts'
import { stepTable } from './step_text.ts'
import { STEPS, type StepRow, timeStep } from './steps.ts'

const whole = (text: string): number => {
  const n = Number(text)
  if (!Number.isSafeInteger(n) || n < 3) throw new InvalidArgumentError('A whole number of at least 3 is needed.')
  return n
}
const { only, runs, json } = new Command('npm run bench:step --')
  .description('Times whole training steps.')
  .option('--only <word>', 'steps whose name contains the word', '')
  .option('--runs <n>', 'steps to take the median of', whole, 11)
  .option('--json <file>', 'write the figures there, too')
  .allowExcessArguments(false)
  .parse()
  .opts<{ only: string; runs: number; json?: string }>()

/** On a CPU a step of this takes ten seconds: only if it is asked for. */
const SLOW = 'TASN small'
const plain = (text: string): string => text.toLowerCase().replaceAll('-', '')

await open()
try {
  const names = [...STEPS.keys()].filter(name => plain(name).includes(plain(only)))
  if (!names.length)
    throw new Error(`no step's name contains ${JSON.stringify(only)}; there are ${[...STEPS.keys()].join(', ')}`)
  const rows: StepRow[] = []
  for (const name of names) if (only || !adapterInfo.software || name !== SLOW) rows.push(await timeStep(name, runs))
  console.log(`${nameOf(adapterInfo)}; medians of ${runs} steps\n\n${stepTable(rows)}`)
  if (json) writeFileSync(json, `${JSON.stringify({ adapter: adapterInfo, runs, rows }, null, 2)}\n`)
} finally {
  await close()
}
