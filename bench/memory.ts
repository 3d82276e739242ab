/**
 * Work and memory of the training steps of all presets. The steps are recorded and placed, not run: a step that this
 * machine's adapter could never hold is planned as if one buffer had no limit. Rungs are those of this machine, but for
 * convolutions: they are direct, as on a GPU. MACHINE=gpu takes a GPU's rungs.
 *
 *   npm run bench:memory
 *   npm run bench:memory -- --preset paper --batch 4 24 --json FILE --png FILE
 */
import { writeFileSync } from 'node:fs'
import { Command, InvalidArgumentError, Option } from 'commander'
import { mostBytes } from '../src/engine/buffers.ts'
import { adapterInfo } from '../src/gpu/device.ts'
import { PRESETS, type PresetName } from '../src/train/presets.ts'
import { nameOf } from './figures.ts'
import { drawMemory } from './memory_chart.ts'
import { onDevice } from './on_device.ts'
import { type PlannedRow, type PlannedStep, plannedStep } from './planned_step.ts'
import { columns, figure, mebibytes } from './text.ts'

const PRESET_NAMES = Object.keys(PRESETS) as PresetName[]
const BATCHES: Partial<Record<PresetName, number[]>> = { paper: [2, 8, 16, 32] }

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
}: PlannedRow): Record<string, string> => ({
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

process.env.WINOGRAD ??= '0' // as on a GPU: on this machine's adapter convolutions may take another way
await onDevice(async () => {
  const rows: PlannedRow[] = []
  let drawn: PlannedStep | undefined
  for (const preset of flags.preset ? [flags.preset] : PRESET_NAMES) {
    for (const batch of flags.batch ?? BATCHES[preset] ?? [PRESETS[preset].training.batch]) {
      const planned = plannedStep(preset, batch)
      rows.push(planned.row)
      if (drawn?.row.preset !== 'paper' || drawn.row.batch !== 16) drawn = planned
    }
  }
  const body = rows.map(cells)
  const names = Object.keys(body[0]!)
  const lines = [names, ...body.map(row => Object.values(row))]
  const toLeft = (c: number): boolean => body.some(row => !/^[\d.,]/.test(row[names[c]!]!))
  console.log(`${nameOf(adapterInfo)}\n\n${columns(lines, toLeft)}\n\n${NOTES()}`)
  if (flags.json) writeFileSync(flags.json, `${JSON.stringify({ adapter: adapterInfo, rows }, null, 2)}\n`)
  if (flags.png) await drawMemory(drawn!, flags.png)
}, flags.json)
