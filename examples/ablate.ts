/**
 * Does it work? Trains TASN, its parts and what it is compared with, each with several seeds, and puts accuracy with
 * error bars into one table and one figure. Every run is an ordinary run folder: `npm run train -- --repeat FOLDER`
 * repeats any of them. What is done is not done again.
 *
 *   npm run ablate -- --quick
 *   npm run ablate [-- --seeds 3 --arms plain,tasn --data DIR --jobs 2 --out DIR --report-only]
 */
import { spawn } from 'node:child_process'
import { createWriteStream, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { basename, dirname, join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { Command, InvalidArgumentError } from 'commander'
import { BUILT_IN, builtInBirds } from '../src/data/birds/built_in.ts'
import { loadCub } from '../src/data/cub.ts'
import { close, open } from '../src/index.ts'
import { duration } from '../src/run/progress.ts'
import type { Summary } from '../src/run/summary.ts'
import {
  accuraciesOf,
  begun,
  checkSettings,
  epochsOf,
  finished,
  flagsOf,
  load,
  RATES,
  type Result,
  ready,
  report,
  shareAttention,
  type Wanted,
} from '../src/study/ablation.ts'
import { chart } from '../src/study/chart.ts'
import { flopAtTest } from '../src/study/cost.ts'
import { ARMS, type Arm, type ArmName } from '../src/train/arms.ts'
import { PRESETS } from '../src/train/presets.ts'

const { lr: LR, epochs: EPOCHS } = PRESETS.tiny.training
/** The long runs first, so that two at a time end together. */
const QUICK: ArmName[] = ['tasn', 'plain']
const QUICK_EPOCHS = 20
/** On data from elsewhere: what the question is about. */
const ELSEWHERE: ArmName[] = ['plain', 'structure', 'tasn']
/** Apart from those that are reported. */
const SEARCH_SEED = 1000

const count = (text: string): number => {
  const n = Number(text)
  if (!Number.isSafeInteger(n) || n < 1) throw new InvalidArgumentError('A whole number of at least 1 is needed.')
  return n
}
const named = (text: string): ArmName[] =>
  text.split(',').map(name => {
    if (!(name in ARMS))
      throw new InvalidArgumentError(`There is no arm ${name}; there are ${Object.keys(ARMS).join(', ')}.`)
    return name as ArmName
  })
const numbers = (text: string): number[] =>
  text.split(',').map(v => {
    if (!(Number(v) > 0 && Number(v) < 100))
      throw new InvalidArgumentError('Numbers between 0 and 100 are needed, such as 0.004,0.008.')
    return Number(v)
  })
interface Flags {
  quick?: true
  seeds: number
  arms?: ArmName[]
  data?: string
  out?: string
  epochs?: number
  rates?: number[]
  jobs: number
  reportOnly?: true
}
const flags = new Command('npm run ablate --')
  .description(
    'Trains TASN, its parts and its rivals, and compares them. Cut off, it goes on where it was when started again.',
  )
  .option('--quick', `${QUICK.join(', ')} for ${QUICK_EPOCHS} epochs, at the preset's learning rate`)
  .option('--seeds <n>', 'runs of each arm', count, 3)
  .option('--arms <list>', `of those below (default: all; with --data ${ELSEWHERE.join(', ')})`, named)
  .option('--data <dir>', 'data set in the layout of CUB_200_2011 (default: the built-in birds)')
  .option(
    '--epochs <n>',
    `times through the training images (default: ${EPOCHS}; with --data so many that the network is shown as many ` +
      'images)',
    count,
  )
  .option(
    '--rates <list>',
    'learning rates of the classifier to choose from, on held-out training images; one alone is taken as it is ' +
      `(default: ${RATES.join(',')}; with --quick ${LR})`,
    numbers,
  )
  .option(
    '--jobs <n>',
    'runs at a time; two small ones keep cores or a GPU busier than one',
    count,
    Math.min(2, availableParallelism()),
  )
  .option('--out <dir>', 'folder for the runs (default: runs/ablate-<name of the data>)')
  .option('--report-only', 'train nothing, report what there is (with the flags it was trained with)')
  .addHelpText(
    'after',
    `\nArms, each a change of the preset tiny (src/train/arms.ts):\n${Object.entries(ARMS)
      .map(([name, { title }]) => `  ${name.padEnd(17)}${title}`)
      .join('\n')}\n\nAll arms with three seeds take about three hours on two CPU cores.`,
  )
  .allowExcessArguments(false)
  .showHelpAfterError('(--help explains every flag)')
  .parse()
  .opts<Flags>()

// A signal ends a process without its 'exit' event: without this the runs would go on, and a second start would find
// them in its way.
for (const [signal, n] of [
  ['SIGINT', 2],
  ['SIGTERM', 15],
  ['SIGHUP', 1],
] as const)
  process.once(signal, () => process.exit(128 + n))

try {
  await main(flags)
} catch (error) {
  console.error(process.env.DEBUG ? error : `error: ${(error as Error).message}`)
  process.exitCode = 1
}

async function main({
  quick,
  seeds,
  arms: asked,
  data,
  out,
  epochs: length,
  rates: someRates,
  jobs,
  reportOnly,
}: Flags): Promise<void> {
  // Before the runs: each would draw them.
  if (data === undefined && !reportOnly) await builtInBirds()
  const name = data === undefined ? 'built-in' : basename(resolve(data))
  const dir = out ?? join('runs', `ablate-${name}${quick ? '-quick' : ''}`)
  const chosen = new Set(asked ?? (quick ? QUICK : data !== undefined ? ELSEWHERE : (Object.keys(ARMS) as ArmName[])))
  const arms = (Object.keys(ARMS) as ArmName[]).filter(a => chosen.has(a))
  const elsewhere =
    data === undefined
      ? EPOCHS
      : Math.max(1, Math.round((EPOCHS * BUILT_IN.train) / (await loadCub(data)).train.length))
  const epochs = length ?? (quick ? Math.min(QUICK_EPOCHS, elsewhere) : elsewhere)
  const rates = someRates ?? (quick ? [LR] : RATES)
  const want = (arm: ArmName, lr: number, seed: number, heldOut: boolean): Wanted => ({
    arm,
    lr,
    seed,
    data,
    heldOut,
    epochs: epochsOf(arm, epochs),
    folder: join(dir, heldOut ? `rates/${arm}-lr${lr}` : `${arm}-seed${seed}`),
  })

  // The rate of each group of arms: the best on held-out images, of one run each. The test images decide nothing.
  const groups = [...new Set(arms.map(a => (ARMS[a] as Arm).rateOf))]
  const search = rates.length > 1 ? groups.flatMap(group => rates.map(lr => want(group, lr, SEARCH_SEED, true))) : []
  if (!reportOnly) await trainAll(shareAttention(search), jobs)
  const rateOf = new Map(
    groups.map(group => {
      const tried = search
        .filter(w => w.arm === group && finished(w))
        .map(w => ({ lr: w.lr, accuracy: (readJson(join(w.folder, 'summary.json')) as Summary).final.sharedMaster }))
      if (tried.length)
        console.log(
          `learning rate of ${group}, by held-out images: ` +
            `${tried.map(({ lr, accuracy }) => `${lr}: ${(100 * accuracy).toFixed(1)} %`).join(', ')}`,
        )
      return [
        group,
        tried.length
          ? tried.reduce((a, b) => (b.accuracy > a.accuracy ? b : a)).lr
          : rates.length === 1
            ? rates[0]!
            : LR,
      ]
    }),
  )

  // Arm by arm, since one without all its seeds is not reported.
  const runsOf = (arms: readonly ArmName[]) =>
    arms.flatMap(arm =>
      Array.from({ length: seeds }, (_, seed) => want(arm, rateOf.get((ARMS[arm] as Arm).rateOf) ?? LR, seed, false)),
    )
  const wanted = runsOf(quick && !asked ? QUICK : arms)
  // Runs of arms that are not asked for now, but are there, have attention nets to share.
  if (!reportOnly) await trainAll(shareAttention(wanted, runsOf(Object.keys(ARMS) as ArmName[])), jobs)

  const results = arms
    .map(
      (arm): Result => ({
        arm,
        lr: rateOf.get((ARMS[arm] as Arm).rateOf)!,
        runs: wanted
          .filter(w => w.arm === arm)
          .map(load)
          .filter(r => r !== undefined),
      }),
    )
    .filter(r => r.runs.length === seeds)
  if (!results.length)
    throw new Error(`no arm has all of its ${seeds} seeds in ${dir}; without --report-only they are trained`)
  const missing = arms.filter(a => !results.some(r => r.arm === a))
  const text = await open()
    .then(() => report(results, epochs, jobs, flopAtTest))
    .finally(close)
  writeFileSync(join(dir, 'table.md'), text)
  writeFileSync(
    join(dir, 'runs.json'),
    `[\n${results
      .flatMap(({ arm, lr, runs }) =>
        runs.map(
          ({ summary: { final, epochs, secondsPerEpoch, attention } }, seed) =>
            `  ${JSON.stringify({ arm, seed, lr, epochs, accuracy: final, secondsPerEpoch, attention })}`,
        ),
      )
      .join(',\n')}\n]\n`,
  )
  console.log(`\n${text}${missing.length ? `\nnot complete, so not in the table: ${missing.join(', ')}\n` : ''}`)
  await draw(results, data === undefined ? 'built-in birds' : name, join(dir, 'figure.png'))
  console.log(`table:  ${join(dir, 'table.md')}\nruns:   ${join(dir, 'runs.json')}\nfigure: ${join(dir, 'figure.png')}`)
}

/**
 * Trains what is not done yet, `jobs` at a time, in the order given, except that what takes its attention net from
 * another run waits for that.
 */
async function trainAll(wanted: readonly Wanted[], jobs: number): Promise<void> {
  for (const w of wanted) checkSettings(w)
  const left = wanted.filter(w => !finished(w))
  const started = performance.now()
  const total = left.length
  if (wanted.length > total) console.log(`${wanted.length - total} of ${wanted.length} runs are there already`)
  let done = 0
  let busy = 0
  let failed: Error | undefined
  const work = async (): Promise<void> => {
    while (left.length && !failed) {
      const next = left.findIndex(ready)
      if (next < 0) {
        const { folder, attentionFrom } = left[0]!
        if (!busy)
          throw new Error(
            `${folder} waits for the attention net of ${attentionFrom}, which has none that could be shared: ` +
              'delete that folder, and it is trained again',
          )
        await sleep(500)
        continue
      }
      const [w] = left.splice(next, 1) as [Wanted]
      console.log(
        `${w.folder}: ${ARMS[w.arm].title}, rate ${w.lr}, seed ` +
          `${w.seed}${w.heldOut ? ', tested on held-out images' : ''}`,
      )
      busy++
      try {
        await train(w, jobs)
      } catch (error) {
        failed ??= error as Error
        return
      } finally {
        busy--
      }
      done++
      console.log(`${w.folder}: done; ${done} of ${total} runs after ${duration((performance.now() - started) / 1000)}`)
    }
  }
  await Promise.all(Array.from({ length: jobs }, work))
  if (failed) throw failed
}

/** One run, as its own process: all it prints is in <folder>.log, its epochs on the terminal, too. */
async function train(w: Wanted, jobs: number): Promise<void> {
  const { folder } = w
  const root = fileURLToPath(new URL('..', import.meta.url))
  mkdirSync(dirname(folder), { recursive: true })
  // Each software adapter would take all cores for itself.
  const threads = jobs > 1 ? { LP_NUM_THREADS: `${Math.max(1, Math.floor(availableParallelism() / jobs))}` } : {}
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', join(root, 'examples', 'train-cub.ts'), ...(begun(w) ? ['--resume', folder] : flagsOf(w))],
    { stdio: ['ignore', 'pipe', 'pipe'], env: { ...threads, ...process.env } },
  )
  const stop = () => child.kill()
  process.once('exit', stop)
  const log = createWriteStream(`${folder}.log`, { flags: 'a' })
  const problems: string[] = []
  createInterface({ input: child.stdout }).on('line', line => {
    log.write(`${line}\n`)
    if (/^epoch .* images\/s {2}[0-9:]+$|^resuming/.test(line)) console.log(`${basename(folder)}: ${line}`)
  })
  createInterface({ input: child.stderr }).on('line', line => {
    log.write(`${line}\n`)
    if (line.startsWith('error:')) problems.push(line)
    if (line.startsWith('warning:')) console.warn(`${basename(folder)}: ${line}`)
  })
  const status = await new Promise<string | undefined>((resolved, rejected) => {
    child.once('error', rejected)
    child.once('close', (code, signal) => resolved(code === 0 ? undefined : (signal ?? `exit ${code}`)))
  }).finally(() => {
    process.off('exit', stop)
    log.end()
  })
  if (status)
    throw new Error(
      `the run in ${folder} ended with ${status}: ${problems[0] ?? `see ${folder}.log`}. What is done stays done: ` +
        'start this command again to go on',
    )
}

async function draw(results: readonly Result[], name: string, file: string): Promise<void> {
  const { testImages } = results[0]!.runs[0]!.summary
  const seeds = results[0]!.runs.length
  await chart(
    {
      title: {
        text: 'Test accuracy',
        subtitle: [
          `${name}, ${testImages} test images, ${seeds} seed${seeds > 1 ? 's' : ''}: each run, and their mean`,
        ],
      },
      width: 520,
      height: 34 * results.length,
      data: { values: results.flatMap(r => accuraciesOf(r).map(a => ({ arm: ARMS[r.arm].title, accuracy: 100 * a }))) },
      encoding: {
        y: {
          field: 'arm',
          type: 'nominal',
          sort: results.map(r => ARMS[r.arm].title),
          title: null,
          axis: { labelLimit: 0 },
        },
      },
      layer: [
        {
          mark: { type: 'bar', opacity: 0.3, height: 18 },
          encoding: {
            x: {
              aggregate: 'mean',
              field: 'accuracy',
              type: 'quantitative',
              title: 'test accuracy, %',
              scale: { domain: [0, 100] },
            },
          },
        },
        {
          mark: { type: 'point', filled: true, size: 60, opacity: 1 },
          encoding: { x: { field: 'accuracy', type: 'quantitative' } },
        },
      ],
    },
    file,
  )
}

function readJson(file: string): unknown {
  return JSON.parse(readFileSync(file, 'utf8'))
}
