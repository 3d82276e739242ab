/** report.html: all of a run to look at, in one file. */
import { join } from 'node:path'
import { writeText } from '../../io/durable.ts'
import { REPORT_FILE } from '../folder.ts'
import type { Summary } from '../summary.ts'
import { confusionOf } from './answers.ts'
import { chartsOf, memoryChart } from './curves.ts'
import { html } from './html.ts'
import { galleryOf, mistakesOf } from './images.ts'
import { axisChoice, chartFigures, pageText } from './page.ts'
import { confusionTables, gallery, mistakeFigures } from './recognition.ts'
import { type RunRecord, readRun } from './record.ts'
import { accuracyTables, kernelTimes, memoryFigures, nextCommands, resultSentence, tiles } from './sections.ts'
import { settingsTables } from './settings.ts'

/**
 * Writes the report of the run in a folder.
 * @param ended the summary of a run that is about to end, before it is written.
 * @param file where to; report.html in the folder, if not given.
 * @returns the file.
 * @throws where the folder is not one of a run; WriteError
 */
export async function writeReport(dir: string, { ended, file }: { ended?: Summary; file?: string } = {}) {
  const to = file ?? join(dir, REPORT_FILE)
  await writeText(to, await reportText(readRun(dir, ended)))
  return to
}

/** The text of a run's report. */
export async function reportText(run: RunRecord): Promise<string> {
  const { charts, every } = chartsOf(run)
  const memory = memoryChart(run)
  const confusion = run.predictions?.length ? confusionOf(run.predictions, run.classes) : undefined
  const { mistakes, remark } = await mistakesOf(run)
  return pageText({
    title: `Run ${run.name}`,
    lead: html`${resultSentence(run)}
${run.remarks.map(remark => html`<p class="remark">${remark}</p>`)}`,
    sections: [
      { id: 'result', title: 'Result', body: html`${tiles(run)}${accuracyTables(run)}` },
      {
        id: 'curves',
        title: 'Curves',
        body: charts.length
          ? html`${axisChoice}${
              every > 1 &&
              html`<p class="hint">In training, a point is the mean of ${every}
steps.</p>`
            }<div class="charts">${chartFigures(charts)}</div>`
          : html`<p>No step has been recorded yet.</p>`,
      },
      { id: 'gallery', title: 'What it sees', body: gallery(await galleryOf(run), run) },
      { id: 'confusion', title: 'Confusion', body: confusionTables(confusion, run) },
      { id: 'mistakes', title: 'Mistakes', body: mistakeFigures(mistakes, remark, run) },
      {
        id: 'memory',
        title: 'Memory',
        body: html`${memoryFigures(run)}${memory && html`<div class="charts">${chartFigures([memory])}</div>`}`,
      },
      { id: 'kernels', title: 'Kernels', body: kernelTimes(run.profile) },
      { id: 'settings', title: 'Settings', body: settingsTables(run) },
      { id: 'next', title: 'How to go on', body: nextCommands(run) },
    ],
    data: { charts: memory ? [...charts, memory] : charts, confusion },
  })
}
