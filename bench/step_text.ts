/** The table of whole steps that `npm run bench:step` and `npm run bench -- --json` print. */
import type { StepRow } from './steps.ts'
import { columns } from './text.ts'

const COLUMNS: readonly [head: string, cell: (r: StepRow) => string][] = [
  ['step', r => r.name],
  ['images', r => `${r.images}`],
  ['launches', r => `${r.launches}`],
  ['ms', r => r.ms.toFixed(1)],
  ['encode ms', r => r.encodeMs.toFixed(2)],
  ['images/s', r => r.imagesPerSecond.toFixed(1)],
  ['GFLOP/s', r => r.gflops.toFixed(1)],
  ['planned MiB', r => r.plannedMiB.toFixed(1)],
  ['first step after ms', r => r.firstMs.toFixed(0)],
]

export const stepTable = (rows: readonly StepRow[]): string =>
  `${columns([COLUMNS.map(([head]) => head), ...rows.map(r => COLUMNS.map(([, cell]) => cell(r)))], c => c === 0)}

GFLOP/s counts convolutions and matrix products. The first step includes recording, placing and compiling.`
