/**
 * Work and memory of the training steps of all presets. The steps are recorded and placed, not run: a step that this
 * machine's adapter could never hold is planned as for a GPU without a limit on one buffer.
 *
 *   npm run bench:memory
 *   npm run bench:memory -- --preset paper --batch 4 24 --json FILE --png FILE
 */
import { writeFileSync } from 'node:fs'
import { Command, InvalidArgumentError, Option } from 'commander'
import { mostBytes } from '../src/engine/buffers.ts'
import type { Launch } from '../src/engine/launch.ts'
import { close, open } from '../src/engine/open.ts'
import { Plan } from '../src/engine/plan.ts'
import type { MemoryBytes } from '../src/engine/plan_memory.ts'
import { Zeros } from '../src/engine/random.ts'
import type { Storage, Tensor } from '../src/engine/tensor.ts'
import { release } from '../src/engine/transfer.ts'
import { adapterInfo } from '../src/gpu/device.ts'
import { AdamW, GradientSum, SGD } from '../src/nn/optim.ts'
import { chart } from '../src/study/chart.ts'
import { Tasn } from '../src/tasn/network.ts'
import { PRESETS, type Preset, type PresetName } from '../src/train/presets.ts'
import { makeInputs, trainStep } from '../src/train/steps.ts'

interface Row extends MemoryBytes {
  readonly preset: PresetName
  readonly batch: number
  readonly launches: number
  /** Convolutions and matrix products alone: other kernels do not count theirs. */
  readonly flop: number
  /** The plan's largest tensor, and the first launch that writes into it. */
  readonly largest: { readonly bytes: number; readonly shape: readonly number[]; readonly file: string }
  /** Bytes of weights, running statistics, optimiser state, summed gradients and inputs. */
  readonly persistent: number
  readonly seconds: number
}

const PRESET_NAMES = Object.keys(PRESETS) as PresetName[]
const BATCHES: Partial<Record<PresetName, number[]>> = { paper: [2, 8, 16, 32] }
/** CUB-200-2011's; the tiny preset is for the built-in birds. */
const classesOf = (preset: PresetName): number => (preset === 'tiny' ? 16 : 200)
const figure = (n: number, digits = 0): string =>
  n.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits })
const mebibytes = (bytes: number, digits = 1): string => figure(bytes / 2 ** 20, digits)
/** A row counts as the tensors in it. */
const bytesOf = (tensors: Iterable<Tensor>): number =>
  [...new Set<Storage>([...tensors].flatMap(t => t.storage.parts ?? [t]).map(t => t.storage))].reduce(
    (sum, { bytes }) => sum + bytes,
    0,
  )

const written = ({ variant, tensors }: Launch): Tensor[] =>
  variant.info.bindings
    .filter(b => b.access === 'read_write')
    .map(b => tensors[b.name]!)
    .filter(t => !t.storage.persistent)

/** Records the training step of a preset, as a training makes it, for batches of these sizes. */
function* record(preset: PresetName, batches: readonly number[]): Generator<{ row: Row; plan: Plan }> {
  const { model: size, training }: Preset = PRESETS[preset]
  const model = new Tasn(new Zeros(), { ...size, classes: classesOf(preset) })
  const params = model.parameters()
  const optimizer = training.optimizer === 'adamw' ? new AdamW(params) : new SGD(params)
  const sums = training.accumulate > 1 ? new GradientSum(params) : undefined
  const kept = [...model.state().values(), ...optimizer.state().values(), ...(sums?.totals.values() ?? [])]
  for (const batch of batches) {
    const inputs = makeInputs(batch, size.imageSize)
    const start = performance.now()
    const update = { params: [...params.values()], optimizers: [optimizer] }
    const plan = Plan.record(() => trainStep(model, inputs, update, sums), { most: Infinity })
    const seconds = (performance.now() - start) / 1000
    const made = plan.launches.flatMap(l =>
      written(l).map(t => ({ bytes: t.storage.bytes, shape: t.shape, file: l.rung.file })),
    )
    const used = plan.launches.flatMap(l => Object.values(l.tensors).filter(t => t.storage.persistent))
    yield {
      plan,
      row: {
        preset,
        batch,
        launches: plan.launches.length,
        ...plan.memory,
        seconds,
        flop: plan.flop,
        largest: made.reduce((a, b) => (b.bytes > a.bytes ? b : a)),
        persistent: bytesOf([...kept, ...used]),
      },
    }
    for (const t of Object.values(inputs) as Tensor[]) release(t)
  }
  for (const t of kept) release(t)
}

/** Columns as wide as their widest cell: text to the left, numbers to the right. */
function table(rows: readonly Readonly<Record<string, string>>[]): string {
  const names = Object.keys(rows[0]!)
  const lines = [names, ...rows.map(row => names.map(name => row[name]!))]
  const numeric = names.map(name => rows.every(row => /^[\d.,]/.test(row[name]!)))
  const width = names.map((_, c) => Math.max(...lines.map(line => line[c]!.length)))
  return lines
    .map(line =>
      line
        .map((cell, c) => (numeric[c] ? cell.padStart(width[c]!) : cell.padEnd(width[c]!)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

const cells = ({
  preset,
  batch,
  launches,
  flop,
  planned,
  lowerBound,
  unplanned,
  persistent,
  largest,
  seconds,
}: Row) => ({
  preset: preset,
  batch: `${batch}`,
  launches: figure(launches),
  GFLOP: figure(flop / 1e9, 1),
  planned: mebibytes(planned),
  'at least': mebibytes(lowerBound),
  ratio: (planned / lowerBound).toFixed(3),
  unshared: mebibytes(unplanned),
  persistent: mebibytes(persistent),
  largest: mebibytes(largest.bytes),
  fits: largest.bytes <= mostBytes() ? 'yes' : 'no',
  seconds: seconds.toFixed(2),
  'the largest tensor': `[${largest.shape}] of ${largest.file}`,
})

const NOTES = () => `Memory in MiB.
GFLOP       of convolutions and matrix products; nothing else is counted
planned     all tensors that the step makes, as placed, with no limit on the size of one buffer
at least    the most that is alive at any one launch; ratio: planned over this
unshared    if every tensor had memory of its own
persistent  besides: weights, running statistics, optimiser state, summed gradients, inputs
largest     tensor; fits: into one binding of this adapter (${mebibytes(mostBytes())} MiB)
seconds     to record the step and to place its memory
`

/** Draws memory over the launches of a step: alive, as planned, and as it would add up if nothing shared. */
async function draw(
  { preset, batch, planned, lowerBound, unplanned }: Row,
  { launches, placed: { alive } }: Plan,
  file: string,
): Promise<void> {
  const MADE = 'made so far, if each tensor had memory of its own'
  const PLANNED = 'memory of the plan'
  const ALIVE = 'alive while the launch runs'
  const color = (datum: string) => ({
    datum,
    scale: { domain: [MADE, PLANNED, ALIVE], range: ['#d55e00', '#111', '#56b4e9'] },
  })
  const y = { type: 'quantitative', axis: { title: 'MiB', format: ',d', tickCount: 6 } } as const
  const seen = new Set<Storage>()
  let made = 0
  const values = launches.map((l, launch) => {
    for (const { storage } of written(l).flatMap(t => t.storage.parts ?? [t]))
      if (!seen.has(storage)) made += seen.add(storage) && storage.bytes / 2 ** 20
    return { launch, alive: alive[launch]! / 2 ** 20, made }
  })
  const first = (word: RegExp) => launches.findIndex(l => word.test(l.rung.file))
  const phases = [
    { name: 'forward', launch: 0 },
    { name: 'backward', launch: first(/backward/) },
    { name: first(/^optim\/accumulate/) < 0 ? 'optimiser' : 'gradients summed', launch: first(/^optim\//) },
  ]
  const size = PRESETS[preset].model.imageSize.join(' x ')
  await chart(
    {
      width: 820,
      height: 360,
      title: {
        text: `Memory of a training step: preset ${preset}, ${batch} images of ${size}`,
        offset: 14,
        subtitle:
          `The plan takes ${mebibytes(planned, 0)} MiB, ${(planned / lowerBound).toFixed(3)} times the most that ` +
          'is ever alive. ' +
          `Without sharing it would be ${mebibytes(unplanned, 0)} MiB, ${(unplanned / planned).toFixed(1)} times ` +
          'as much.',
      },
      data: { values },
      encoding: {
        x: {
          field: 'launch',
          type: 'quantitative',
          scale: { nice: false },
          axis: { title: 'launch', grid: false, format: ',d', tickCount: 8 },
        },
      },
      layer: [
        {
          mark: { type: 'area', interpolate: 'step-after' },
          encoding: { y: { field: 'alive', ...y }, color: color(ALIVE) },
        },
        {
          mark: { type: 'line', interpolate: 'step-after', strokeWidth: 2 },
          encoding: { y: { field: 'made', ...y }, color: color(MADE) },
        },
        {
          data: { values: [{ launch: 0, end: launches.length - 1, planned: planned / 2 ** 20 }] },
          mark: { type: 'rule', strokeWidth: 2 },
          encoding: { x2: { field: 'end' }, y: { field: 'planned', ...y }, color: color(PLANNED) },
        },
        { data: { values: phases.slice(1) }, mark: { type: 'rule', stroke: '#888', strokeDash: [3, 3] } },
        {
          data: { values: phases },
          mark: { type: 'text', align: 'left', baseline: 'bottom', dx: 3 },
          encoding: { y: { value: -4 }, text: { field: 'name' } },
        },
      ],
      config: { legend: { orient: 'top-left', offset: 12, symbolType: 'square' } },
    },
    file,
  )
}

const natural = (text: string, before: number[] = []): number[] => {
  const n = Number(text)
  if (!Number.isSafeInteger(n) || n < 1) throw new InvalidArgumentError('Whole numbers of at least 1 are needed.')
  return [...before, n]
}
const program = new Command('npm run bench:memory --')
  .description('Work and memory of training steps, which are planned and not run.')
  .addOption(new Option('--preset <name>', 'only this preset').choices(PRESET_NAMES))
  .option('--batch <n...>', 'images worked on at once', natural)
  .option('--json <file>', 'also writes the numbers to this file')
  .option('--png <file>', 'also draws memory over the launches of a step: the last, or paper at 16')
  .allowExcessArguments(false)
  .parse()
const flags = program.opts<{ preset?: PresetName; batch?: number[]; json?: string; png?: string }>()

process.env.WINOGRAD ??= '0' // planned as for a GPU: on this machine's adapter convolutions may take another way
await open()
try {
  const rows: Row[] = []
  let drawn: { row: Row; plan: Plan } | undefined
  for (const preset of flags.preset ? [flags.preset] : PRESET_NAMES) {
    for (const recorded of record(preset, flags.batch ?? BATCHES[preset] ?? [PRESETS[preset].training.batch])) {
      rows.push(recorded.row)
      if (drawn?.row.preset !== 'paper' || drawn.row.batch !== 16) drawn = recorded
    }
  }
  console.log(`${adapterInfo.description || adapterInfo.device}\n\n${table(rows.map(cells))}\n\n${NOTES()}`)
  if (flags.json) writeFileSync(flags.json, `${JSON.stringify({ adapter: adapterInfo, rows }, null, 2)}\n`)
  if (flags.png) await draw(drawn!.row, drawn!.plan, flags.png)
} finally {
  await close()
}
