/** Memory over the launches of a planned step, as a picture. */
import type { Storage } from '../src/engine/tensor.ts'
import { chart } from '../src/study/chart.ts'
import { PRESETS } from '../src/train/presets.ts'
import { type PlannedStep, written } from './planned_step.ts'
import { mebibytes } from './text.ts'

/** Writes a PNG: memory that is alive, as planned, and as it would add up if nothing shared. */
export async function drawMemory({ row, plan }: PlannedStep, file: string): Promise<void> {
  const { preset, batch, planned, lowerBound, unplanned } = row
  const {
    launches,
    placed: { alive },
  } = plan
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
