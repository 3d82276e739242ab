/** The chapter's plot: y and its slope as the op computes them, over the formula. */
import { path, text } from '../page/plot.ts'
import { FAR, formula, type Values, xs } from './figure_worker.ts'

export const SIZE = { width: 440, height: 290 } as const
const { width: WIDTH, height: HEIGHT } = SIZE
export const CAPTION = 'gelu(x) blue, its slope red, as the engine computes them; dashed: the formula'
const [LEFT, TOP, BOTTOM] = [30, 12, 24]
const [LOW, HIGH] = [-1, 4]

const across = (x: number): number => LEFT + ((x + FAR) / (2 * FAR)) * (WIDTH - LEFT - 10)
const up = (y: number): number => TOP + (1 - (y - LOW) / (HIGH - LOW)) * (HEIGHT - TOP - BOTTOM)
/** The x at a share of the plot's width. */
export const xAt = (share: number): number =>
  Math.min(FAR, Math.max(-FAR, (2 * FAR * (share * WIDTH - LEFT)) / (WIDTH - LEFT - 10) - FAR))

/** A curve, in pieces where it has no number or leaves the plot. */
function curve(kind: string, points: readonly (readonly [number, number])[]): string {
  const pieces: (readonly [number, number])[][] = [[]]
  for (const [x, y] of points)
    if (y >= LOW && y <= HIGH) pieces.at(-1)!.push([across(x), up(y)])
    else if (pieces.at(-1)!.length) pieces.push([])
  return pieces
    .filter(p => p.length > 1)
    .map(p => `<path class="${kind}" d="${path(p)}"/>`)
    .join('')
}

/** The slope of the formula, by a central difference. */
export const formulaSlope = (x: number): number => (formula(x + 1e-5) - formula(x - 1e-5)) / 2e-5

/**
 * The inside of the plot.
 * @param touch the point at which the tangent is drawn, with y and slope there.
 */
export function curvesInside(
  { y, slope }: Values,
  touch?: { x: number; y: number; slope?: number | undefined },
): string {
  const zip = (values: ArrayLike<number>) => xs.map((x, i) => [x, values[i]!] as const)
  const ticks = [
    ...[-1, 0, 1, 2, 3, 4].map(
      v => `<path class="line" d="M${LEFT} ${up(v)}H${WIDTH - 10}"/>${text(LEFT - 5, up(v) + 4, 'end', `${v}`)}`,
    ),
    ...[-4, -2, 0, 2, 4].map(v => text(across(v), HEIGHT - 8, 'middle', `${v}`)),
    `<path class="line" d="M${across(0)} ${up(LOW)}V${up(HIGH)}"/>`,
  ]
  const tangent =
    touch?.slope === undefined
      ? ''
      : curve(
          'accent',
          Array.from({ length: 81 }, (_, i) => touch.x + (i - 40) / 40).map(
            x => [x, touch.y + touch.slope! * (x - touch.x)] as const,
          ),
        )
  const dot =
    touch && touch.y >= LOW && touch.y <= HIGH
      ? `<circle class="dot" cx="${across(touch.x)}" cy="${up(touch.y)}" r="4"/>`
      : ''
  return (
    ticks.join('') +
    curve('columns', zip(y)) +
    (slope ? curve('rows', zip(slope)) : '') +
    curve('uniform', zip(xs.map(formula))) +
    curve('uniform', zip(xs.map(formulaSlope))) +
    tangent +
    dot
  )
}
