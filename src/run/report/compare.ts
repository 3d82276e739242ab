/** A page that lays several runs over each other: their curves, their figures, and where their settings differ. */
import { writeText } from '../../io/durable.ts'
import { duration } from '../progress.ts'
import { thousands } from '../text.ts'
import { comparedCharts } from './curves.ts'
import { html } from './html.ts'
import { axisChoice, chartFigures, details, pageText, shareText, table } from './page.ts'
import { fieldOf, numberOf, type RunRecord, readRun } from './record.ts'
import { accuracyOf, epochsOf, numberText, sideOf } from './sections.ts'
import { differing } from './settings.ts'

/** Charts that are open at once: loss, speed, test accuracies of the head that predicts and of the attention net. */
const OPEN = ['loss-0', 'test-4', 'test-0', 'speed-0']

/** Writes the comparison of the runs in these folders. @throws where one is not that of a run; WriteError */
export const writeComparison = async (dirs: readonly string[], file: string): Promise<void> =>
  writeText(file, await comparisonText(dirs.map(dir => readRun(dir))))

/** The text of a comparison. */
export async function comparisonText(runs: readonly RunRecord[]): Promise<string> {
  const names = namesOf(runs)
  const charts = comparedCharts(runs, names)
  const open = charts.filter(c => OPEN.includes(c.id))
  const closed = charts.filter(c => !OPEN.includes(c.id))
  const differences = differing(runs)
  return pageText({
    title: `${runs.length} runs compared`,
    lead: html`<p class="result">${bestSentence(runs, names)}</p>
${runs.flatMap((run, i) => run.remarks.map(remark => html`<p class="remark">${names[i]!}: ${remark}</p>`))}`,
    sections: [
      { id: 'figures', title: 'Figures', body: figures(runs, names) },
      {
        id: 'curves',
        title: 'Curves',
        body: charts.length
          ? html`${axisChoice}<div class="charts">${chartFigures(open)}</div>
${closed.length > 0 && details('All other curves', html`<div class="charts">${chartFigures(closed)}</div>`)}`
          : html`<p>No run has recorded a step yet.</p>`,
      },
      {
        id: 'differences',
        title: 'Settings that differ',
        body: differences.length
          ? table(
              'Settings that differ',
              ['setting', ...names],
              differences.map(([path, values]) => [path, ...values]),
            )
          : html`<p>All settings are the same.</p>`,
      },
    ],
    data: { charts },
  })
}

/** Their folders' names; those that are not unique with a number. */
function namesOf(runs: readonly RunRecord[]): string[] {
  return runs.map(({ name }, i) => (runs.filter(r => r.name === name).length > 1 ? `${name} (${i + 1})` : name))
}

function bestSentence(runs: readonly RunRecord[], names: readonly string[]) {
  const results = runs.flatMap((run, i) => {
    const accuracy = accuracyOf(run)
    return accuracy === undefined ? [] : [{ run, name: names[i]!, accuracy }]
  })
  const [best] = results.toSorted((a, b) => b.accuracy - a.accuracy)
  if (!best) return html`No head that predicts has been tested yet.`
  const data = results.map(({ run }) => JSON.stringify([sideOf(run), fieldOf(run.config, 'data', 'fingerprint')]))
  if (new Set(data).size > 1)
    return html`These runs do not have the same data, or not the same of them held out, so none is called the best.`
  const { run, name, accuracy } = best
  return html`<strong>${name}</strong> names the most ${sideOf(run)} images rightly: ${shareText(accuracy)}.`
}

function figures(runs: readonly RunRecord[], names: readonly string[]) {
  const rows = runs.map((run, i) => {
    const { done, of } = epochsOf(run)
    const s = (...path: string[]) => fieldOf(run.summary, ...path)
    return [
      names[i]!,
      `${done} of ${of}${run.summary ? '' : ', not ended'}`,
      numberText(accuracyOf(run), v => `${shareText(v)}${sideOf(run) === 'test' ? '' : ` (${sideOf(run)} images)`}`),
      numberText(s('best', 'sharedMaster'), v => `${shareText(v)} (epoch ${numberOf(s('bestEpoch')) ?? '?'})`),
      numberText(s('final', 'attention'), shareText),
      numberText(s('attention', 'inBox'), shareText),
      numberText(s('secondsPerEpoch'), v => v.toFixed(1)),
      numberText(s('imagesPerSecond'), v => v.toFixed(1)),
      numberText(s('seconds'), duration),
      numberText(s('parametersAtTest'), thousands),
    ]
  })
  const head = [
    'run',
    'epochs',
    'test accuracy',
    'best',
    'of the attention net',
    "attention in the bird's box",
    's / epoch',
    'images/s',
    'time',
    'parameters at test time',
  ]
  return table('Final figures', head, rows)
}
