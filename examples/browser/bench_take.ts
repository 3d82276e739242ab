/** The panel Bench's figures to take away: Markdown to copy, JSON to download, and where to send it. */
import { encodeFigures, type Figures } from '../../bench/figures.ts'
import { figuresMarkdown } from '../../bench/markdown.ts'
import { element } from './dom.ts'

export function takeAway(figures: Figures): HTMLElement {
  const text = figuresMarkdown(figures)
  const said = element('span', { role: 'status', className: 'quiet' })
  const copy = element('button', { type: 'button', id: 'bench-copy' }, 'Copy as Markdown')
  copy.onclick = async () => {
    try {
      await navigator.clipboard.writeText(text)
      said.textContent = 'Copied.'
    } catch {
      said.textContent = 'This browser does not let the page copy: the text is below.'
      shown.open = true
    }
  }
  const slug = figures.name.toLowerCase().replace(/[^a-z0-9]+/g, '-')
  const file = URL.createObjectURL(new Blob([encodeFigures(figures)], { type: 'application/json' }))
  const download = element(
    'a',
    { className: 'button', id: 'bench-download', href: file, download: `tasn-webgpu-${slug}.json` },
    'Download JSON',
  )
  const shown = element('details', {}, element('summary', {}, 'The Markdown'), element('pre', { tabIndex: 0 }, text))
  return element(
    'div',
    { className: 'card stack', id: 'bench-take' },
    element('h2', {}, 'Take the figures with you'),
    element('div', { className: 'row' }, copy, download, said),
    element(
      'p',
      {},
      'Figures from GPUs are what this project lacks most. Download the JSON and attach it to an issue of the ' +
        'project. In a clone of the repository, ',
      element('code', {}, 'npm run bench:contribute -- FILE.json'),
      ' checks it and adds it to the table of adapters. The file holds what is shown here, the browser’s version ' +
        'and what it says of the adapter.',
    ),
    shown,
  )
}
