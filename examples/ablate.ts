/**
 * Does it work? Trains TASN, its parts and what it is compared with, each with several seeds, and puts accuracy with
 * error bars into one table and one figure. Every run is an ordinary run folder: `npm run train -- --repeat FOLDER`
 * repeats any of them. A run that is done is not done again.
 *
 *   npm run ablate -- --quick
 *   npm run ablate [-- --seeds 3 --arms plain,tasn --data DIR --jobs 2 --out DIR --report-only]
 *   npm run ablate -- --data DIR --preset mobile --pretrained FILE --pretrained-attention FILE
 */

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { builtInBirds } from '../src/data/birds/built_in.ts'
import { open } from '../src/index.ts'
import { checkFirstWeights } from '../src/run/pretrained.ts'
import { runProgram } from '../src/run/program.ts'
import { flopAtTest } from '../src/study/cost.ts'
import { extentOf, wantAll } from '../src/study/extent.ts'
import { drawFigure } from '../src/study/figure.ts'
import { type AblateFlags, ablateProgram } from '../src/study/flags.ts'
import { chooseRates, searchRuns } from '../src/study/rates.ts'
import { report, runsJson } from '../src/study/report.ts'
import { resultsOf, shareAttention } from '../src/study/runs.ts'
import { stopOnSignals, trainAll, trainInProcess } from '../src/study/schedule.ts'
import type { Wanted } from '../src/study/wanted.ts'

const TRAIN = fileURLToPath(new URL('train-cub.ts', import.meta.url))

async function main(flags: AblateFlags): Promise<void> {
  const { jobs, reportOnly } = flags
  if (!reportOnly) await checkFirstWeights(flags)
  const train = (wanted: readonly Wanted[]) =>
    reportOnly ? undefined : trainAll(wanted, jobs, w => trainInProcess(w, TRAIN, jobs))
  // Before the runs: each would draw them.
  if (flags.data === undefined && !reportOnly) await builtInBirds()
  const extent = await extentOf(flags)
  const { arms, order, seeds, dir, name } = extent

  const search = searchRuns(extent)
  await train(shareAttention(search))
  const { rates, said } = chooseRates(extent, search)
  for (const line of said) console.log(line)

  const wanted = wantAll(extent, rates, order)
  // Runs of arms that are not asked for now, but are there, have attention nets to share.
  await train(shareAttention(wanted, wantAll(extent, rates)))

  const results = resultsOf(wanted, arms, seeds)
  if (!results.length)
    throw new Error(`no arm has all of its ${seeds} seeds in ${dir}; without --report-only they are trained`)
  const missing = arms.filter(a => !results.some(r => r.arm === a))
  await open()
  const text = report(results, extent, jobs, flopAtTest)
  const [table, runs, figure] = ['table.md', 'runs.json', 'figure.png'].map(file => join(dir, file)) as [
    string,
    string,
    string,
  ]
  writeFileSync(table, text)
  writeFileSync(runs, runsJson(results))
  console.log(`\n${text}${missing.length ? `\nnot complete, so not in the table: ${missing.join(', ')}\n` : ''}`)
  await drawFigure(results, name, figure)
  console.log(`table:  ${table}\nruns:   ${runs}\nfigure: ${figure}`)
}

stopOnSignals()
await runProgram(() => main(ablateProgram().parse().opts<AblateFlags>()))
