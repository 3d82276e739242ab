/**
 * Does it work? Trains TASN, its parts and what it is compared with, each with several seeds, and puts accuracy with error bars into one table
 * and one figure. Every run is an ordinary run folder: `npm run train -- --repeat FOLDER` repeats any of them. What is done is not done again.
 *
 *   npm run ablate -- --quick
 *   npm run ablate [-- --seeds 3 --arms plain,tasn --data DIR --out DIR --report-only]
 */
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Command, InvalidArgumentError } from 'commander'
import { chart } from '../bench/chart.ts'
import { ARMS, type ArmName } from '../src/train/arms.ts'
import { deviation, mean, pairedDifference, type Difference } from '../src/train/statistics.ts'
import type { Summary } from '../src/train/trainer.ts'

/** The rates that plain classifiers may choose from, by their test accuracy: that flatters them. TASN's arms all take the preset's. */
const RATES = ['0.004', '0.008', '0.016'], PRESET_RATE = '0.008'
const QUICK: ArmName[] = ['plain', 'structure', 'tasn'], QUICK_EPOCHS = 8
/** On data from elsewhere: what the question is about. */
const ELSEWHERE: ArmName[] = ['plain', 'structure', 'tasn']

const count = (text: string): number => {
  const n = Number(text)
  if (!Number.isSafeInteger(n) || n < 1) throw new InvalidArgumentError('A whole number of at least 1 is needed.')
  return n
}
const named = (text: string): ArmName[] => text.split(',').map(name => {
  if (!(name in ARMS)) throw new InvalidArgumentError(`There is no arm ${name}; there are ${Object.keys(ARMS).join(', ')}.`)
  return name as ArmName
})
const { quick, seeds, arms: asked, data, out, epochs, reportOnly } = new Command('npm run ablate --').description('Trains TASN, its parts and its rivals, and compares them.')
  .option('--quick', `${QUICK.join(', ')} for ${QUICK_EPOCHS} epochs`)
  .option('--seeds <n>', 'runs of each arm', count, 3)
  .option('--arms <list>', `of ${Object.keys(ARMS).join(', ')}`, named)
  .option('--data <dir>', 'data set in the layout of CUB_200_2011 (default: the built-in birds)')
  .option('--epochs <n>', 'times through the training images', count)
  .option('--out <dir>', 'folder for the runs (default: runs/ablate-<data>)')
  .option('--report-only', 'train nothing, report what there is')
  .allowExcessArguments(false).parse().opts<{ quick?: true, seeds: number, arms?: ArmName[], data?: string, out?: string, epochs?: number, reportOnly?: true }>()

const dir = out ?? join('runs', `ablate-${data ? basename(resolve(data)) : 'birds'}${quick ? '-quick' : ''}`)
const arms = asked ?? (quick ? QUICK : data ? ELSEWHERE : Object.keys(ARMS) as ArmName[])
const root = fileURLToPath(new URL('..', import.meta.url))

interface Run { readonly summary: Summary, readonly right: Map<number, boolean> }

const folderOf = (arm: ArmName, rate: string, seed: number): string => join(dir, `${arm}${rate === PRESET_RATE ? '' : `-lr${rate}`}-seed${seed}`)

/** Trains unless it is done. */
function train(arm: ArmName, rate: string, seed: number): void {
  const folder = folderOf(arm, rate, seed)
  if (existsSync(join(folder, 'summary.json'))) return
  console.log(`\n==== ${ARMS[arm].title}${rate === PRESET_RATE ? '' : `, rate ${rate}`}, seed ${seed}: ${folder}`)
  const length = epochs ?? (quick ? QUICK_EPOCHS : undefined)
  const flags = existsSync(join(folder, 'config.json')) ? ['--resume', folder]
    : ['--arm', arm, '--seed', `${seed}`, '--run', folder, ...rate === PRESET_RATE ? [] : ['--lr', rate], ...data ? ['--data', data] : [], ...length ? ['--epochs', `${length}`] : []]
  const { status, signal } = spawnSync(process.execPath, ['--import', 'tsx', join(root, 'examples', 'train-cub.ts'), ...flags], { stdio: 'inherit' })
  if (status !== 0) throw new Error(`the run in ${folder} ended with ${signal ?? `exit ${status}`}; what is done stays done: start this command again to go on`)
}

function load(arm: ArmName, rate: string, seed: number): Run | undefined {
  const folder = folderOf(arm, rate, seed), json = (name: string): unknown => JSON.parse(readFileSync(join(folder, name), 'utf8'))
  if (!existsSync(join(folder, 'summary.json'))) return undefined
  return { summary: json('summary.json') as Summary, right: new Map((json('answers.json') as { id: number, right: boolean }[]).map(a => [a.id, a.right])) }
}

/** All seeds of an arm; of the plain ones, at the rate that serves it best. */
interface Result { readonly arm: ArmName, readonly rate: string, readonly runs: readonly Run[], readonly accuracies: readonly number[] }

const ratesOf = (arm: ArmName): string[] => arm === 'plain' && !quick ? RATES : [PRESET_RATE]
function resultOf(arm: ArmName): Result | undefined {
  const found = ratesOf(arm).map((rate): Result => {
    const runs = Array.from({ length: seeds }, (_, s) => load(arm, rate, s)).filter(r => r !== undefined)
    return { arm, rate, runs, accuracies: runs.map(r => r.summary.final.sharedMaster) }
  }).filter(r => r.runs.length === seeds)
  return found.sort((a, b) => mean(b.accuracies) - mean(a.accuracies))[0]
}

const points = (v: number): string => (100 * v).toFixed(1)
const signed = (v: number): string => `${v >= 0 ? '+' : ''}${points(v)}`
const interval = ({ mean: m, seeds: [low, high], images }: Difference): string =>
  `${signed(m)} (${Number.isNaN(low) ? '' : `${signed(low)} to ${signed(high)}; `}${signed(images[0])} to ${signed(images[1])})`

function compare(a: Result | undefined, b: Result | undefined): string {
  if (!a || !b || a === b) return ''
  const ids = [...a.runs[0]!.right.keys()], table = (r: Result) => r.runs.map(({ right }) => ids.map(id => right.get(id) ?? false))
  return interval(pairedDifference(table(a), table(b)))
}

if (!reportOnly) for (let seed = 0; seed < seeds; seed++) for (const arm of arms) for (const rate of ratesOf(arm)) train(arm, rate, seed)

const results = arms.map(resultOf).filter(r => r !== undefined), missing = arms.filter(a => !results.some(r => r.arm === a))
if (!results.length) throw new Error(`no arm has all of its ${seeds} seeds in ${dir}`)
const of = (arm: ArmName): Result | undefined => results.find(r => r.arm === arm)
const head = ['arm', 'test accuracy, %', 'over plain, points', 'over TASN, points', 's / epoch', 'parameters at test', 'attention in box, near parts']
const rows = results.map(r => {
  const { summary } = r.runs[0]!, attention = r.runs.map(x => x.summary.attention).filter(q => q?.inBox !== undefined)
  const quality = attention.length ? `${points(mean(attention.map(q => q!.inBox!)))} (uniform ${points(attention[0]!.uniformInBox!)})` +
    (attention[0]!.nearParts === undefined ? '' : `, ${points(mean(attention.map(q => q!.nearParts!)))} (${points(attention[0]!.uniformNearParts!)})`) : ''
  return [ARMS[r.arm].title + (r.rate === PRESET_RATE ? '' : `, rate ${r.rate}`), `${points(mean(r.accuracies))} ± ${seeds > 1 ? points(deviation(r.accuracies)) : '-'}`,
    compare(r, of('plain')), compare(r, of('tasn')), mean(r.runs.map(x => x.summary.secondsPerEpoch ?? NaN)).toFixed(1), summary.parametersAtTest.toLocaleString('en-US'), quality]
})
const { testImages, epochs: trained } = results[0]!.runs[0]!.summary
const text = `${[head, head.map(() => '---'), ...rows].map(r => `| ${r.join(' | ')} |`).join('\n')}

${seeds} seed${seeds > 1 ? 's' : ''}, ${trained} epochs, ${testImages} test images; mean ± standard deviation over seeds. Differences are paired by seed and image, with 95 % confidence intervals:
first over seeds (Student's t), then over test images (bootstrap, seeds averaged). Epochs of arms with an attention net include those in which it learns alone.
`
writeFileSync(join(dir, 'table.md'), text)
console.log(`\n${text}${missing.length ? `not complete: ${missing.join(', ')}\n` : ''}`)
await chart({
  title: { text: 'Test accuracy', subtitle: [`${data ? basename(resolve(data)) : 'built-in birds'}, ${testImages} test images, ${seeds} seeds: each run, and their mean`] }, width: 520, height: 34 * results.length,
  data: { values: results.flatMap(r => r.accuracies.map(a => ({ arm: ARMS[r.arm].title, accuracy: 100 * a }))) },
  encoding: { y: { field: 'arm', type: 'nominal', sort: results.map(r => ARMS[r.arm].title), title: null, axis: { labelLimit: 0 } } },
  layer: [
    { mark: { type: 'bar', opacity: 0.3, height: 18 }, encoding: { x: { aggregate: 'mean', field: 'accuracy', type: 'quantitative', title: 'test accuracy, %', scale: { domain: [0, 100] } } } },
    { mark: { type: 'point', filled: true, size: 60, opacity: 1 }, encoding: { x: { field: 'accuracy', type: 'quantitative' } } },
  ],
}, join(dir, 'figure.png'))
console.log(`table:  ${join(dir, 'table.md')}\nfigure: ${join(dir, 'figure.png')}`)
