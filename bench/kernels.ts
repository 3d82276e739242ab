/**
 * Times every rung of every ladder at the shapes of real steps: those of a tiny TASN, recorded from its plan, and those
 * of full-sized networks. Rungs take turns in one process, so a busy machine slows all of them alike; best of several
 * rounds. Beside each rung, its share of what this adapter can do at best (roofline.ts, measured in the same run).
 * With --json whole training steps as well: the file is the one that the page's Bench panel downloads.
 *
 *   npm run bench [-- --only conv2d --quick --json FILE]
 */
import { writeFileSync } from 'node:fs'
import { Command } from 'commander'
import { caseText } from '../src/engine/tune/cases.ts'
import { adapterInfo } from '../src/gpu/device.ts'
import { encodeFigures, figuresOf, nameOf } from './figures.ts'
import { markOf, percent } from './markdown.ts'
import { type Measured, measurements } from './measurements.ts'
import { onDevice } from './on_device.ts'
import type { RungRow } from './rungs.ts'
import { stepTable } from './step_text.ts'
import { USUAL_STEPS } from './steps.ts'

const RUNS = 11
const { only, quick, json } = new Command('npm run bench --')
  .description('Times the kernels.')
  .option('--only <word>', 'rows that contain the word', '')
  .option('--quick', 'fewer rounds, the tiny shapes only')
  .option('--json <file>', 'measure whole steps, too, and write all figures there')
  .allowExcessArguments(false)
  .parse()
  .opts<{ only: string; quick?: true; json?: string }>()

const LEGEND = `\
shape, rung, time, rate, share of the best (multiply-adds where the kernel counts them, else copying), times
the naive rung; taken: by ops, by rule, or by the tuner where a plan has been tuned; else Winograd: it would be taken if
the op did not go by Winograd here; wrong: the result is not the first rung's`

function print(r: RungRow): void {
  const rate = r.gflops ? `${r.gflops.toFixed(1)} GFLOP/s` : `${r.gigabytes.toFixed(1)} GB/s`
  console.log(
    `${`${r.shape}  `.padEnd(36)}${r.rung.padEnd(54)}${r.ms.toFixed(3).padStart(9)} ` +
      `ms${rate.padStart(15)}${percent(r.ofPeak).padStart(7)}` +
      `${r.speedUp.toFixed(1).padStart(7)}x  ${markOf(r).join(', ')}`.trimEnd(),
  )
}

await onDevice(async () => {
  const measured: Measured[] = []
  let ladder = ''
  for await (const m of measurements({
    wanted: kernel => kernel.includes(only),
    quick: quick ?? false,
    steps: json && !only ? USUAL_STEPS : [],
    runs: RUNS,
  })) {
    measured.push(m)
    if (m.kind === 'roofline') {
      const { gflops, gigabytes } = m.roofline
      const best = `at best ${gflops.toFixed(0)} GFLOP/s of multiply-adds and ${gigabytes.toFixed(1)} GB/s of copying`
      console.log(
        measured.length > 1 ? `\nmeasured once more: ${best}` : `${nameOf(adapterInfo)}\n${best}\n\n${LEGEND}`,
      )
    }
    if (m.kind === 'untold') console.log(`no clock here tells the time of ${m.of.ladder.name} ${caseText(m.of)}`)
    if (m.kind === 'rungs') {
      if (m.rows[0]!.ladder !== ladder) {
        ladder = m.rows[0]!.ladder
        console.log(`\n${ladder}`)
      }
      m.rows.forEach(print)
    }
  }
  const figures = figuresOf(measured, { adapter: adapterInfo, quick: quick ?? false })
  if (figures.steps.length) console.log(`\nmedians of ${RUNS} steps\n\n${stepTable(figures.steps)}`)
  if (json) writeFileSync(json, encodeFigures(figures))
}, json)
