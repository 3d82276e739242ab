/** One axis of the sampler as curves: the marginal, its capped integral, and how to read the inverse off it. */
import type { ExplainedAxis } from '../../src/index.ts'
import { element } from './dom.ts'
import { imageAt, sampleAt } from './pointer.ts'

const SVG = 'http://www.w3.org/2000/svg'
const [WIDTH, HEIGHT] = [460, 250]
const [LEFT, RIGHT, TOP, BOTTOM] = [38, 12, 10, 34]
const [W, H] = [WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM]

function shape(name: string, attributes: Readonly<Record<string, string | number>>, text = ''): SVGElement {
  const made = document.createElementNS(SVG, name)
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, `${value}`)
  made.textContent = text
  return made
}

const path = (points: readonly (readonly [number, number])[]): string =>
  points.map(([x, y], i) => `${i ? 'L' : 'M'}${x.toFixed(1)} ${y.toFixed(1)}`).join('')

/** A plot that can be told an axis and a place on it. */
export interface Plot {
  readonly figure: HTMLElement
  show(axis: ExplainedAxis, source: number): void
  /** Lines from a pixel of the image up to the integral and across to the sample's pixel. */
  point(at: number | undefined): void
}

/**
 * @param kind its colour: columns or rows.
 * @param onPoint hears of a pixel of the image, or of none, as the mouse moves.
 */
export function makePlot(kind: 'columns' | 'rows', onPoint: (at: number | undefined) => void): Plot {
  const svg = shape('svg', { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, class: `plot ${kind}`, role: 'img' }) as SVGSVGElement
  const curves = shape('g', {})
  const cross = shape('path', { class: 'cross' })
  const dot = shape('circle', { class: 'dot', r: 4 })
  svg.append(curves, cross, dot)
  const reading = element('span', { className: 'reading' })
  const name = kind === 'columns' ? 'x' : 'y'
  const figure = element('figure', {}, svg as unknown as HTMLElement, element('figcaption', {}, reading))
  let shown: { axis: ExplainedAxis; source: number } | undefined
  const across = (at: number): number => LEFT + (W * (at + 0.5)) / shown!.source
  const up = (share: number): number => TOP + H * (1 - share)

  svg.onpointermove = event => {
    if (!shown) return
    const box = svg.getBoundingClientRect()
    const x = ((event.clientX - box.left) / box.width) * WIDTH
    const at = ((x - LEFT) / W) * shown.source - 0.5
    onPoint(at < -0.5 || at > shown.source - 0.5 ? undefined : at)
  }
  svg.onpointerleave = () => onPoint(undefined)

  return {
    figure,
    show(axis, source) {
      shown = { axis, source }
      const { marginal, integral, positions } = axis
      const L = marginal.length
      const [O, most] = [positions.length, Math.max(...marginal) || 1]
      const sloped = Math.max(...axis.density) * (L / O)
      svg.setAttribute(
        'aria-label',
        `${kind}: the marginal of the map and its integral over ${source} pixels of the image; ${O} equal steps of ` +
          `the integral are the pixels of the sample. Magnified up to ${sloped.toFixed(1)} times.`,
      )
      const ticks = [0, 0.25, 0.5, 0.75, 1].flatMap(t => [
        shape('path', { class: 'line', d: `M${LEFT} ${up(t)}h${W}M${LEFT + W * t} ${TOP}v${H}` }),
        shape('text', { x: LEFT - 6, y: up(t) + 4, 'text-anchor': 'end' }, `${Math.round(O * t)}`),
        shape('text', { x: LEFT + W * t, y: TOP + H + 15, 'text-anchor': 'middle' }, `${Math.round(source * t)}`),
      ])
      const heights = [marginal[0]!, ...marginal, marginal.at(-1)!].map((m, k) => {
        const cell = Math.min(L, Math.max(0, k - 0.5))
        return [LEFT + (W * cell) / L, up((0.96 * m) / most)] as const
      })
      const area = `${path([[LEFT, up(0)], ...heights, [LEFT + W, up(0)]])}Z`
      curves.replaceChildren(
        ...ticks,
        shape('path', { class: 'marginal', d: area }),
        shape('path', { class: 'uniform', d: `M${LEFT} ${up(0)}L${LEFT + W} ${up(1)}` }),
        shape('path', { class: 'integral', d: path([...integral].map((v, k) => [LEFT + (W * k) / L, up(v)])) }),
        // the sample's pixels, carried back to the image
        ...[...positions].map(p => shape('path', { class: 'step', d: `M${across(p).toFixed(1)} ${up(0)}v-7` })),
        shape('text', { class: 'name', x: LEFT + W, y: HEIGHT - 4, 'text-anchor': 'end' }, `${name} in the image`),
        shape('text', { class: 'name', x: LEFT + 6, y: TOP + 12 }, `${name} in the sample`),
      )
      reading.textContent = `${kind === 'columns' ? 'Columns' : 'Rows'}: magnified up to ${sloped.toFixed(1)} times`
      this.point(undefined)
    },
    point(at) {
      const there = shown !== undefined && at !== undefined
      for (const mark of [cross, dot]) mark.setAttribute('visibility', there ? 'visible' : 'hidden')
      if (!there) return
      const { axis, source } = shown!
      const O = axis.positions.length
      const sample = sampleAt(axis.positions, at)
      const share = (sample + 0.5) / O
      cross.setAttribute('d', `M${across(at)} ${TOP + H}V${up(share)}H${LEFT}`)
      dot.setAttribute('cx', `${across(at)}`)
      dot.setAttribute('cy', `${up(share)}`)
      const cell = Math.min(axis.density.length - 1, Math.floor(((at + 0.5) * axis.density.length) / source))
      const times = axis.density[cell]! * (axis.density.length / O)
      const [from, to] = [imageAt(axis.positions, Math.floor(sample)), Math.floor(sample)]
      reading.textContent =
        `${name} = ${at.toFixed(0)} in the image is ${name} = ${sample.toFixed(1)} in the sample, ` +
        `${times.toFixed(1)} times a plain resize (sample pixel ${to} reads at ${from.toFixed(1)})`
    },
  }
}
