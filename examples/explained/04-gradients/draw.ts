/** The chapter's drawings, for its live figures and for its pictures. */
import type { PlotOptions } from '../page/plot.ts'
import { type MapSeen, MOST } from './map.ts'
import type { Followed, Place, StepOptions, StepSeen } from './step.ts'

/** The losses as the drawing and the table name them. */
export const FOLLOWED_WORDS: Readonly<Record<Followed, string>> = {
  loss: 'the whole loss',
  attention: 'attention: the attention net’s own head',
  part: 'part: part-net’s head',
  master: 'master: master-net’s head',
  sharedPart: 'shared head, on details',
  sharedMaster: 'shared head, on the structure',
  soft: 'soft: the distillation',
}

/** A number of three digits, or a dot where there is no gradient. */
export const short = (v: number): string => (v === 0 ? '·' : v.toPrecision(3))

export const STEP_SIZE = { width: 826, height: 306 } as const

type Box = readonly [x: number, y: number, width: number, height: number, title: string, place?: Place]

const HEADS: readonly (readonly [Followed, number, string, Place])[] = [
  ['attention', 16, 'head: own', 'attention'],
  ['sharedMaster', 84, 'shared: structure', 'shared'],
  ['master', 134, 'head: master', 'master'],
  ['part', 196, 'head: part', 'part'],
  ['sharedPart', 246, 'shared: details', 'shared'],
]
const BOXES: readonly Box[] = [
  [8, 156, 92, 52, 'image', 'image'],
  [140, 16, 122, 52, 'attention net', 'attention'],
  [140, 106, 122, 52, 'attention maps'],
  [300, 106, 112, 52, 'structure map', 'structureMap'],
  [300, 206, 112, 52, 'detail map', 'detailMap'],
  [432, 106, 134, 52, 'structure sample', 'structureSample'],
  [432, 206, 134, 52, 'detail sample', 'detailSample'],
  [590, 84, 84, 206, 'ResNet', 'classifier'],
]

/**
 * The step, forward from left to right. Lines by which the gradient of what is followed comes back are drawn in the
 * accent's colour with a tip; double bars are cuts. The inside of an SVG.
 */
export function stepDrawing({ norms }: StepSeen, options: StepOptions, followed: Followed): string {
  const g = norms[followed]
  const whole = followed === 'loss'
  const line = (path: string, flows: boolean, tip?: readonly [x: number, y: number, to: 'left' | 'up' | 'down']) => {
    const tips = { left: 'l7 -4v8z', up: 'l-4 7h8z', down: 'l-4 -7h8z' }
    const mark = flows && tip ? `<path class="accent" d="M${tip[0]} ${tip[1]}${tips[tip[2]]}"/>` : ''
    return `<path class="${flows ? 'accent' : 'uniform'}" d="${path}"/>${mark}`
  }
  const box = ([x, y, width, height, title]: Box, number: number | undefined, flows: boolean): string => {
    const at = (dy: number, name: string, words: string): string =>
      `<text${name} x="${x + width / 2}" y="${y + height / 2 + dy}" text-anchor="middle">${words}</text>`
    return (
      `<path class="${flows ? 'accent' : 'line'}" d="M${x} ${y}h${width}v${height}h${-width}z"/>` +
      at(number === undefined ? 4 : -3, ' class="name" font-weight="600"', title) +
      (number === undefined ? '' : at(14, '', short(number)))
    )
  }
  const through = g.structureMap > 0
  const cuts = [
    'M94 34v16M100 34v16',
    'M246 224v16M252 224v16',
    ...(options.samplerGradient ? [] : ['M193 84h16M193 90h16']),
    ...(options.teacherGradient ? [] : ['M754 184h16M754 190h16']),
  ]
  const follows = (head: Followed): boolean => whole || followed === head
  const lines = [
    line('M54 156V42H140', false),
    line('M262 42H698', follows('attention'), [262, 42, 'left']),
    line('M201 68V106', through, [201, 68, 'up']),
    line('M201 158V232H300', false),
    line('M262 132H300', through, [262, 132, 'left']),
    line('M412 132H432', through, [412, 132, 'left']),
    line('M412 232H432', g.detailMap > 0, [412, 232, 'left']),
    line('M100 182H499', g.image > 0, [100, 182, 'left']),
    line('M499 182V158', g.structureSample > 0),
    line('M499 182V206', g.detailSample > 0),
    line('M566 132H590', g.structureSample > 0, [566, 132, 'left']),
    line('M566 232H590', g.detailSample > 0, [566, 232, 'left']),
    line('M762 196V178', follows('soft') && norms.soft.part > 0, [762, 196, 'down']),
    ...HEADS.slice(1).map(([head, y, , place]) =>
      line(
        `M674 ${y + 22}H698`,
        follows(head) || (followed === 'soft' && (place === 'master' || place === 'part') && g[place] > 0),
        [674, y + 22, 'left'],
      ),
    ),
  ]
  const boxes = BOXES.map(b => box(b, b[5] && g[b[5]], b[5] ? g[b[5]] > 0 : through))
  const heads = HEADS.map(([head, y, title, place]) => {
    const reached = head === 'attention' ? follows('attention') : g[place] > 0 && (place !== 'shared' || follows(head))
    return box([698, y, 124, 44, title], head === 'attention' ? undefined : reached ? g[place] : 0, reached)
  })
  return (
    lines.join('') +
    boxes.join('') +
    heads.join('') +
    cuts.map(d => `<path class="rows" d="${d}"/>`).join('') +
    '<text x="776" y="191">soft</text>'
  )
}

/** The loss over the values of the cell, with the line that the gradient foretells. */
export function lossPlot({ curve, value, loss, slope }: MapSeen): PlotOptions {
  const top = Math.max(...curve.map(([, l]) => l), loss)
  const max = [0.25, 0.5, 1, 1.5, 2, 3, 4, 6, 8].find(m => m >= top) ?? Math.ceil(top)
  const reach = 0.9
  // The tangent, as far as it is inside the plot.
  const ends = [-reach, reach].map(d => {
    const most = slope ? Math.abs(((d * slope > 0 ? max - loss : loss) * 1) / slope) : reach
    const to = Math.sign(d) * Math.min(reach, most, d < 0 ? value : MOST - value)
    return [value + to, loss + to * (slope ?? 0)] as const
  })
  return {
    width: 420,
    height: 230,
    x: { max: MOST, ticks: [0, 2, 4, 6, 8], name: 'value of the cell, in means of the map' },
    y: { max, ticks: [0, max / 2, max], name: 'the loss; straight: what the gradient foretells' },
    series: [{ kind: 'columns', points: curve }, ...(slope === undefined ? [] : [{ kind: 'accent', points: ends }])],
    marks: (x, y) => `<circle class="dot" cx="${x(value)}" cy="${y(loss)}" r="4"/>`,
  }
}
