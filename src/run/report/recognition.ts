/** The sections of a report about single images: the gallery, the confusion matrix, the mistakes. */

import { type ClassResult, classResults, readable } from './answers.ts'
import { type Html, html } from './html.ts'
import type { Mistake, Shown } from './images.ts'
import { details, shareText, table } from './page.ts'
import type { Confusion } from './page_data.ts'
import type { RunRecord } from './record.ts'
import { hasAttention, numberText } from './sections.ts'

/** Pictures row by row, the columns under their titles; on a narrow screen each has its own. */
export function gallery(rows: readonly (readonly Shown[])[], run: RunRecord): Html {
  if (!rows.length)
    return hasAttention(run)
      ? html`<p>There are no pictures: the run has not ended, or its folder <code>pictures</code> is gone.</p>`
      : html`<p>A plain classifier has no attention to show.</p>`
  const columns = [...new Map(rows.flat().map(p => [p.column, p.title]))]
  return html`<p>Six birds that the run was tested on, one a row. The last three pictures have the same number of
pixels: those that the classifier gets.</p>
<div class="gallery" style="--columns: ${columns.length}" tabindex="0" role="region" aria-label="Pictures">
<div class="titles" aria-hidden="true">${columns.map(([, title]) => html`<span>${title}</span>`)}</div>
${rows.map(
  (row, i) => html`<div class="bird">
${columns.map(([column, title]) => {
  const picture = row.find(p => p.column === column)
  return html`<figure>${
    picture && html`<img src="${picture.url}" alt="bird ${i + 1}: ${title}">`
  }<figcaption>${title}</figcaption></figure>\n`
})}</div>
`,
)}</div>`
}

const NO_ANSWERS = html`<p>This run has recorded no answers: it has not ended, or is of a version before
<code>predictions.csv</code>. <code>--resume</code> with more epochs records them.</p>`

/** The place of the matrix, which the script draws, and its figures as tables. */
export function confusionTables(confusion: Confusion | undefined, run: RunRecord): Html {
  if (!confusion) return NO_ANSWERS
  const { classes, counts } = confusion
  const most = counts.filter(([l, a]) => l !== a).toSorted((a, b) => b[2] - a[2])
  const results = classResults(confusion, run.predictions!)
  const row = (r: ClassResult) => [
    r.name,
    r.images,
    numberText(r.recall, shareText),
    numberText(r.precision, shareText),
    r.takenFor ? `${r.takenFor[0]} (${r.takenFor[1]})` : '',
  ]
  return html`<p>Each row has the images of one class, each column an answer: right ones on the diagonal. Point at a
cell, or focus the matrix and press the arrow keys.</p>
<figure class="matrix">
<canvas id="matrix" tabindex="0" role="img" aria-label="Confusion matrix of ${classes.length} classes"
aria-describedby="cell"></canvas>
<figcaption id="cell" aria-live="polite">&nbsp;</figcaption>
</figure>
${
  most.length > 0
    ? html`<h3>Most often taken for another</h3>
${table(
  'Most often taken for another',
  ['class', 'taken for', 'times'],
  most.slice(0, 10).map(([label, answer, n]) => [classes[label]!, classes[answer]!, n]),
)}`
    : html`<p>No image was named wrongly.</p>`
}
${details(
  'Every class in figures',
  table(
    'Every class',
    ['class', 'images', 'of these named rightly', 'right where so named', 'most often taken for'],
    results.map(row),
  ),
)}`
}

/** The wrong answers that were given with the most confidence. @param remark about images that are not shown. */
export function mistakeFigures(mistakes: readonly Mistake[], remark: string | undefined, run: RunRecord): Html {
  if (!run.predictions) return NO_ANSWERS
  if (!mistakes.length) return html`<p>There are none: every image was named rightly.</p>`
  const name = (k: number) => readable(run.classes[k] ?? `class ${k}`)
  return html`<p>The wrong answers that shared(master) was surest of.${remark !== undefined && ` ${remark}`}</p>
<ul class="mistakes">
${mistakes.map(
  m => html`<li>${
    m.url === undefined
      ? html`<span class="gone">image ${m.id}</span>`
      : html`<img src="${m.url}" alt="${name(m.label)}, image ${m.id}">`
  }
<p>said <span class="said">${name(m.answer)}</span> ${shareText(m.confidence)}<br>
is <strong>${name(m.label)}</strong> ${shareText(m.labelConfidence)}</p></li>
`,
)}</ul>`
}
