/** Pictures of figures: a canvas with a title, marks over it, and a sentence under it. */
import { element, svg } from '../../browser/dom.ts'

export interface Stage {
  readonly root: HTMLElement
  readonly canvas: HTMLCanvasElement
  readonly caption: HTMLElement
  /** Marks over the canvas: SVG text in units of `width` by `height`. */
  mark(inside: string, width: number, height: number): void
}

const share = (v: number): number => Math.min(1, Math.max(0, v))

/** Tells the place on an element that is clicked or dragged to, as shares of width and height from 0 to 1. */
export function dragged(root: HTMLElement, onPick: (x: number, y: number) => void): void {
  const follow = ({ clientX, clientY }: PointerEvent): void => {
    const { left, top, width, height } = root.getBoundingClientRect()
    onPick(share((clientX - left) / width), share((clientY - top) / height))
  }
  root.onpointerdown = event => {
    root.setPointerCapture(event.pointerId)
    follow(event)
  }
  root.onpointermove = event => {
    if (root.hasPointerCapture(event.pointerId)) follow(event)
  }
}

/**
 * A picture whose pixels stay squares.
 *
 * @param label what there is to see, for those who do not see it.
 * @param onPick called with the place that is clicked or dragged to, as shares of width and height from 0 to 1. An
 *   input with a label must do the same.
 */
export function stage(title: string, label: string, onPick?: (x: number, y: number) => void): Stage {
  const canvas = element('canvas', { role: 'img', className: 'pixels', 'aria-label': label })
  const marks = svg('svg', { class: 'marks', 'aria-hidden': 'true', preserveAspectRatio: 'none' })
  const caption = element('figcaption')
  const frame = element('div', { className: onPick ? 'stage' : 'stage still' }, canvas, marks)
  if (onPick) dragged(frame, onPick)
  return {
    root: element('figure', {}, element('h3', {}, title), frame, caption),
    canvas,
    caption,
    mark(inside, width, height) {
      marks.setAttribute('viewBox', `0 0 ${width} ${height}`)
      marks.innerHTML = inside
    },
  }
}

/** The number of the cell, from 0 to n - 1, at a share of the width. */
export const cellAt = (share: number, n: number): number => Math.min(n - 1, Math.floor(share * n))
