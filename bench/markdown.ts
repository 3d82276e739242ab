/** Figures as Markdown, to be pasted into an issue. */
import type { Figures } from './figures.ts'
import type { PeerRow } from './peers/rows.ts'
import type { RungRow } from './rungs.ts'
import { markdown } from './text.ts'

export const percent = (share: number): string => `${(100 * share).toFixed(0)} %`
/** Three digits. */
export const digits = (n: number): string => (n >= 100 ? n.toFixed(0) : n >= 10 ? n.toFixed(1) : n.toFixed(2))
export const milliseconds = (ms: number): string => (ms >= 10 ? ms.toFixed(1) : ms.toFixed(3))
/** GFLOP/s where the kernel counts its arithmetic, else GB/s. */
export const rate = ({ gflops, gigabytes }: RungRow): string =>
  gflops === undefined ? `${digits(gigabytes)} GB/s` : `${digits(gflops)} GFLOP/s`

/** All that is to be said of a rung beside its figures; in each table the same. */
export const markOf = ({ chosen, winograd, wrong }: RungRow): string[] => [
  ...(chosen ? [winograd ? 'else Winograd' : 'taken'] : []),
  ...(wrong ? ['wrong'] : []),
]

/** The rungs of each ladder and shape, in the order in which they were measured. */
export function byCase(rows: readonly RungRow[]): RungRow[][] {
  const cases: RungRow[][] = []
  for (const row of rows) {
    const last = cases.at(-1)?.[0]
    // The first rung begins a case: two cases may look alike to the reader.
    if (last && last.ladder === row.ladder && last.shape === row.shape && last.rung !== row.rung)
      cases.at(-1)!.push(row)
    else cases.push([row])
  }
  return cases
}

/** A line for each shape: the naive rung beside the one that ops take. */
function kernelTable(rows: readonly RungRow[]): string {
  const body = byCase(rows).map(rungs => {
    const [first] = rungs
    const chosen = rungs.find(r => r.chosen)!
    return [
      first!.ladder,
      first!.shape,
      milliseconds(first!.ms),
      milliseconds(chosen.ms),
      rate(chosen),
      percent(chosen.ofPeak),
      `${chosen.speedUp.toFixed(1)}x`,
      chosen.rung + (chosen.wrong ? ` (${markOf(chosen).join(', ')})` : ''),
    ]
  })
  return markdown(['kernel', 'shape', 'naive, ms', 'ms', 'rate', 'of the best', 'over naive', 'rung'], body)
}

function peerTable(peers: readonly PeerRow[]): string {
  const libraries = [...new Set(peers.map(p => p.library))]
  const nameOf = (p: PeerRow): string => `${p.case}, ${p.part === 'forward' ? 'forward' : 'and backward'}`
  const cases = [...new Set(peers.map(nameOf))]
  const cell = (name: string, library: string): string => {
    const p = peers.find(p => p.library === library && nameOf(p) === name)
    if (!p) return 'not measured'
    return p.ms === undefined
      ? `none: ${p.why}`
      : milliseconds(p.ms) + (p.wrong ? ` (wrong: ${p.wrong.join(', ')})` : '')
  }
  return markdown(
    ['milliseconds', ...libraries],
    cases.map(name => [name, ...libraries.map(library => cell(name, library))]),
  )
}

export function figuresMarkdown(f: Figures): string {
  const { roofline, kernels, steps, peers } = f
  const parts = [
    `## ${f.name}\n\n${f.host}, tasn-webgpu ${f.version}, ${f.date}${f.quick ? ', quick' : ''}. At best ` +
      `${digits(roofline.gflops)} GFLOP/s of multiply-adds and ${digits(roofline.gigabytes)} GB/s of copying.`,
  ]
  if (kernels.length) parts.push(kernelTable(kernels))
  if (steps.length)
    parts.push(
      markdown(
        ['training step', 'images', 'launches', 'ms', 'images/s', 'GFLOP/s', 'first step after, ms'],
        steps.map(s => [
          s.name,
          `${s.images}`,
          `${s.launches}`,
          milliseconds(s.ms),
          digits(s.imagesPerSecond),
          digits(s.gflops),
          s.firstMs.toFixed(0),
        ]),
      ),
    )
  if (peers?.length) parts.push(peerTable(peers))
  return `${parts.join('\n\n')}\n`
}
