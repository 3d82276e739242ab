/**
 * The times that the paper's step should take on three GPUs, by arithmetic alone: gpu_model.ts says how. The step is
 * recorded under the rules of GPUs and never run. shaders/gpu.md holds what this prints.
 *
 *   npm run bench:expected
 *   npm run bench:expected -- --rows 20 --preset small
 */
import { Command, InvalidArgumentError, Option } from 'commander'
import type { Launch } from '../src/engine/launch.ts'
import { Plan } from '../src/engine/plan.ts'
import { type Case, casesOf, caseText } from '../src/engine/tune/cases.ts'
import type { Rung } from '../src/gpu/kernel.ts'
import { choose, rungsThatFit } from '../src/gpu/ladder.ts'
import { PRESETS, type PresetName } from '../src/train/presets.ts'
import { type Expected, expectedProduct, expectedWalk, GPUS, type Gpu, isProduct } from './gpu_model.ts'
import { percent } from './markdown.ts'
import { onDevice } from './on_device.ts'
import { presetStep } from './preset_step.ts'
import { markdown as table } from './text.ts'

const natural = (text: string): number => {
  const n = Number(text)
  if (!Number.isSafeInteger(n) || n < 1) throw new InvalidArgumentError('A whole number of at least 1 is needed.')
  return n
}
const { preset, rows } = new Command('npm run bench:expected --')
  .description('Times that a step should take on GPUs, by arithmetic.')
  .addOption(new Option('--preset <name>').choices(Object.keys(PRESETS)).default('paper'))
  .option('--rows <n>', 'so many launches of each ladder are listed, those with the most arithmetic', natural, 1000)
  .allowExcessArguments(false)
  .parse()
  .opts<{ preset: PresetName; rows: number }>()

const ms = (seconds: number): string => (1000 * seconds).toFixed(1000 * seconds < 9.995 ? 2 : 1)
const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0)

/** The training step of the preset at its batch, as a GPU would get it. */
const launchesOfStep = (): readonly Launch[] =>
  Plan.record(presetStep(preset, { classes: 200 }).step, { most: Infinity }).launches

/** A distinct product of the step: the rungs that a GPU could take, each with its time. */
interface Row {
  readonly c: Case
  readonly flop: number
  readonly ruled: Rung
  readonly times: ReadonlyMap<Rung, Expected>
}

function rowsOf(g: Gpu, cases: readonly Case[]): Row[] {
  return cases.map(c => {
    const rungs = rungsThatFit(c.ladder, c.params).filter(r => r.on !== 'cpu' && !r.name.startsWith('few'))
    const times = new Map(rungs.map(r => [r, expectedProduct(g, c.ladder, r, c.params)]))
    const chosen = choose(c.ladder, c.params) as unknown as Rung
    const ruled = times.has(chosen) ? chosen : rungs.at(-1)!
    return { c, flop: c.ladder.flop!(c.params), ruled, times }
  })
}
const best = ({ times }: Row): number => Math.min(...[...times.values()].map(t => t.seconds))

/** The model knows nothing of dilation and of what is fused: launches that differ in these alone are one. */
function alike(cases: readonly Case[]): Case[] {
  const found = new Map<string, Case>()
  for (const c of cases) {
    const params = { ...c.params, ...(c.params.R ? { dilation: 1, pad: 0, AFFINE: 0, RELU: 0 } : {}) }
    const key = JSON.stringify({ ...params, EPS: 0 })
    const known = found.get(key)
    if (known) known.count += c.count
    else found.set(key, { ...c, params: { ...params, pad: c.params.pad ?? 0 } })
  }
  return [...found.values()]
}

/** A line for each launch and GPU, in ms; `=` marks the rules' rung, `*` the one that should be fastest. */
function products(cases: readonly Case[]): string {
  const work = (c: Case) => c.count * c.ladder.flop!(c.params)
  const shown = alike(cases)
    .sort((a, b) => work(b) - work(a))
    .slice(0, rows)
  const perGpu = GPUS.map(g => rowsOf(g, shown))
  const names = [...new Set(perGpu.flat().flatMap(r => [...r.times.keys()].map(rung => rung.name)))]
  const body = shown.flatMap((c, i) =>
    GPUS.map((g, j) => {
      const { flop, ruled, times } = perGpu[j]![i]!
      const fastest = best(perGpu[j]![i]!)
      const cells = names.map(name => {
        const found = [...times].find(([rung]) => rung.name === name)
        if (!found) return ''
        const [rung, { seconds }] = found
        return `${ms(seconds)}${rung === ruled ? '=' : ''}${seconds === fastest ? '*' : ''}`
      })
      const { bound } = [...times.values()].find(t => t.seconds === fastest)!
      const head = j ? ['', '', ''] : [caseText(c), `${c.count}`, (flop / 1e9).toFixed(1)]
      return [...head, g.name.split(' ')[1]!, ...cells, bound]
    }),
  )
  return `### ${cases[0]!.ladder.name}\n\n${table(['launch', 'times', 'GFLOP', 'GPU', ...names, 'bound'], body)}`
}

function totals(launches: readonly Launch[], cases: readonly Case[]): string {
  const others = launches.filter(l => !isProduct(l))
  const body = GPUS.map(g => {
    const all = rowsOf(g, cases)
    const by = (f: (r: Row) => number) => sum(all.map(r => r.c.count * f(r)))
    const ruled = by(r => r.times.get(r.ruled)!.seconds)
    // The rungs of lib/product.wgsl have constants of these names, and the others have not.
    const first = by(r => Math.min(...[...r.times].map(([rung, t]) => (rung.consts?.LANE_ROWS ? Infinity : t.seconds))))
    const fastest = by(best)
    const rest = sum(others.map(l => expectedWalk(g, l).seconds))
    const flop = by(r => r.flop)
    return [
      g.name,
      ms(flop / g.flops),
      ms(first),
      ms(ruled),
      ms(fastest),
      ms(rest),
      ms(launches.length * g.launch),
      ms(fastest + rest),
      percent(flop / g.flops / (fastest + rest)),
    ]
  })
  const head = [
    'GPU',
    'arithmetic at the peak',
    'products without tiles',
    'on the rungs of the rules',
    'on the fastest rungs',
    'all other launches',
    'of both, launching',
    'step',
    'of the peak',
  ]
  return table(head, body)
}

process.env.MACHINE = 'gpu'
await onDevice(async () => {
  const launches = launchesOfStep()
  // Launches of one shape and ladder are one case; those with one rung alone are counted, too.
  const cases = casesOf(launches.filter(isProduct).map(l => ({ ...l, free: true })))
  const figures = GPUS.map(g => [
    g.name,
    (g.flops / 1e12).toFixed(1),
    `${g.bandwidth / 1e9}`,
    `${g.processors}`,
    ((g.processors * g.workgroupBytes * g.clock) / 1e12).toFixed(1),
    `${1e6 * g.launch}`,
    g.source,
  ])
  const head = ['GPU', 'TFLOPS', 'GB/s', 'processors', 'workgroup memory, TB/s', 'launch, us', 'source']
  console.log(`## The GPUs\n\n${table(head, figures)}\n`)
  console.log(
    `## The step\n\nPreset \`${preset}\`, ${PRESETS[preset].training.batch} images: ${launches.length} launches, ` +
      `${sum(cases.map(c => c.count))} of them products of ${cases.length} kinds. Milliseconds.\n\n` +
      `${totals(launches, cases)}\n`,
  )
  console.log('## The products\n')
  for (const ladder of new Set(cases.map(c => c.ladder)))
    console.log(`${products(cases.filter(c => c.ladder === ladder))}\n`)
})
