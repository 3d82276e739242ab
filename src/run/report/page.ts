/** The frame of a page: everything in one file, and a policy that lets it fetch nothing. */
import { percent } from '../text.ts'
import { type Html, html, scriptJson } from './html.ts'
import type { Chart, PageData } from './page_data.ts'
import { assets } from './script.ts'

/** A part of a page, with its entry in the contents. */
export interface Section {
  readonly id: string
  readonly title: string
  readonly body: Html
}

export interface Page {
  readonly title: string
  /** Below the title. */
  readonly lead: Html
  readonly sections: readonly Section[]
  readonly data: PageData
}

const POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'"

/** The page as the text of a file. */
export async function pageText({ title, lead, sections, data }: Page): Promise<string> {
  const { script, style } = await assets()
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<link rel="icon" href="data:,">
<style>${style}</style>
</head>
<body>
<a class="skip" href="#main">To the content</a>
<header>
<h1>${title}</h1>
${lead}
</header>
<nav aria-label="Contents">
${sections.map(({ id, title }) => html`<a href="#${id}">${title}</a>\n`)}
<button type="button" id="theme" hidden>Colours: as the system</button>
</nav>
<main id="main">
${sections.map(
  ({ id, title, body }) => html`<section id="${id}" aria-labelledby="${id}-title">
<h2 id="${id}-title">${title}</h2>
${body}
</section>
`,
)}
</main>
<footer>Made by tasn-webgpu. Charts: uPlot, MIT licence. This page needs no network.</footer>
<script type="application/json" id="data">${scriptJson(data)}</script>
<script>${script}</script>
</body>
</html>
`.text
}

/** A share of 1 that no line end tears from its sign. */
export const shareText = (share: number): string => percent(share).replace(' ', '\u00a0')

/** The places of charts, which the script fills. */
export const chartFigures = (charts: readonly Chart[]): Html =>
  html`${charts.map(
    ({ id, title }) => html`<figure class="chart" data-chart="${id}">
<figcaption>${title}</figcaption>
<div class="plot"><noscript>This chart needs JavaScript.</noscript></div>
</figure>
`,
  )}`

/** A table that scrolls by itself where it is wider than the screen. */
export const table = (
  label: string,
  head: readonly string[],
  rows: readonly (readonly (string | number | Html)[])[],
): Html =>
  html`<div class="scroll" tabindex="0" role="region" aria-label="${label}">
<table>
<thead><tr>${head.map(cell => html`<th scope="col">${cell}</th>`)}</tr></thead>
<tbody>
${rows.map(
  ([first = '', ...rest]) => html`<tr><th scope="row">${first}</th>${rest.map(cell => html`<td>${cell}</td>`)}</tr>\n`,
)}
</tbody>
</table>
</div>`

/** A part that is closed until it is asked for. */
export const details = (summary: string, body: Html): Html =>
  html`<details><summary>${summary}</summary>
${body}
</details>`

/** The choice of the axis below the charts over steps. */
export const axisChoice: Html = html`<p class="choice" id="axis" role="group" aria-label="Axis of the charts" hidden>
<button type="button" value="epoch" aria-pressed="true">over epochs</button>
<button type="button" value="step" aria-pressed="false">over steps</button>
</p>
<p class="hint">Point at a chart for its values, in all charts at once, or focus it and press the arrow keys. Drag to
enlarge a stretch, double-click or press Escape for all of it. An entry below a chart hides its curve.</p>`
