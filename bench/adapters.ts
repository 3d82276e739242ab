/** The table of adapters in bench/README.md, made of the files in bench/results/adapters/. */
import type { Figures } from './figures.ts'
import { digits, percent } from './markdown.ts'
import type { RungRow } from './rungs.ts'
import { markdown } from './text.ts'

export const BEGIN = '<!-- adapters: npm run bench:contribute writes this table -->'
export const END = '<!-- end of adapters -->'

/** The rate of the fastest right rung that ops take in a ladder, and its share of the roofline. */
function bestOf(kernels: readonly RungRow[], ladder: string): string {
  const rows = kernels.filter(r => r.ladder === ladder && r.chosen && !r.wrong && r.gflops !== undefined)
  if (!rows.length) return '-'
  const best = rows.reduce((a, b) => (b.gflops! > a.gflops! ? b : a))
  return `${digits(best.gflops!)} (${percent(best.ofPeak)})`
}

const HEAD = [
  'adapter',
  'measured in',
  'day',
  'multiply-adds, GFLOP/s',
  'copying, GB/s',
  'conv2d forward, GFLOP/s',
  'matmul, GFLOP/s',
  'step of ResNet-18, ms',
  'step of TASN tiny, ms (images/s)',
]

/** A row for each file, the fastest adapter first. */
export function adaptersTable(files: ReadonlyMap<string, Figures>): string {
  const ordered = [...files].sort(
    ([a, x], [b, y]) => y.roofline.gflops - x.roofline.gflops || (a < b ? -1 : a > b ? 1 : 0),
  )
  return markdown(
    HEAD,
    ordered.map(([file, f]) => {
      const [resnet, tiny] = ['ResNet-18, 8 x 64x64', 'TASN tiny'].map(name => f.steps.find(s => s.name === name))
      return [
        `[${f.name}](results/adapters/${file})${f.adapter.software ? ', software' : ''}${f.quick ? ', quick' : ''}`,
        `${f.host}, version ${f.version}`,
        f.date,
        digits(f.roofline.gflops),
        digits(f.roofline.gigabytes),
        bestOf(f.kernels, 'conv2d forward'),
        bestOf(f.kernels, 'matmul'),
        resnet ? digits(resnet.ms) : '-',
        tiny ? `${digits(tiny.ms)} (${digits(tiny.imagesPerSecond)})` : '-',
      ]
    }),
  )
}

/** A document with the table in its place. @throws where it has none. */
export function withTable(document: string, table: string): string {
  const begin = document.indexOf(BEGIN)
  const end = document.indexOf(END)
  if (begin < 0 || end < begin) throw new Error(`the document has no place for the table: ${BEGIN}, then ${END}`)
  return `${document.slice(0, begin + BEGIN.length)}\n\n${table}\n\n${document.slice(end)}`
}

/** The name of the file of figures: adapter, host, day. */
export const fileOf = ({ name, host, date }: Figures): string =>
  `${`${name} ${host.replace(/[ ,].*/, '')} ${date}`
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')}.json`
