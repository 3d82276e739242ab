/** The pictures that the panel Look takes: birds drawn in the page; files that are chosen, dropped or pasted. */

import { element } from './dom.ts'
import { readable } from './names.ts'
import type { PaintedBird } from './painter.ts'
import { FIRST_TEST_BIRD, pictureOf, startPainters } from './painters.ts'
import { drawPhoto } from './pixels.ts'

/** Birds beside each other to choose from. */
const SHELF = 6

export interface Sources {
  readonly root: HTMLElement
  /** Draws a bird by its number. */
  bird(index: number): Promise<PaintedBird>
  /** Keeps a bird that has been drawn elsewhere. */
  keep(bird: PaintedBird): void
  /** Fills the shelf with the birds from a number on, and marks the first. */
  fill(from: number): void
  /** Marks the bird that is shown, if it is on the shelf. */
  mark(shown: number | undefined): void
}

interface Hearers {
  onBird(bird: PaintedBird): void
  onImage(file: Blob): void
  onModel(file: Blob): void
  onError(error: unknown): void
}

/** The page's own model. It is on its way while the device is being opened. */
export async function ownModel(): Promise<Blob> {
  const response = await fetch('model.safetensors')
  if (!response.ok) throw new Error(`The page's own model is missing (model.safetensors: ${response.status}).`)
  return new File([await response.blob()], 'model.safetensors')
}

const isModel = (file: File): boolean => file.name.endsWith('.safetensors')

/** @param area takes files that are dropped on it. */
export function makeSources(area: HTMLElement, hear: Hearers): Sources {
  const paint = startPainters()
  const drawn = new Map<number, Promise<PaintedBird>>()
  const bird = (index: number): Promise<PaintedBird> => {
    const known = drawn.get(index) ?? paint(index)
    drawn.set(index, known)
    known.catch(() => drawn.delete(index))
    return known
  }
  const shelf = element('div', { className: 'shelf', role: 'group', 'aria-label': 'Drawn birds' })
  const fill = (from: number): void => {
    shelf.replaceChildren(
      ...Array.from({ length: SHELF }, (_, k) => {
        const canvas = element('canvas', { width: 192, height: 192, 'aria-hidden': 'true' })
        const button = element('button', { type: 'button', 'aria-label': `Bird ${from + k}` }, canvas)
        button.dataset.bird = `${from + k}`
        button.onclick = () => void bird(from + k).then(hear.onBird, hear.onError)
        bird(from + k).then(one => {
          drawPhoto(canvas, pictureOf(one))
          button.title = readable(one.name)
          button.setAttribute('aria-label', `Bird ${from + k}: ${button.title}`)
        }, hear.onError)
        return button
      }),
    )
    mark(from)
  }
  const mark = (shown: number | undefined): void => {
    for (const button of shelf.querySelectorAll('button'))
      button.setAttribute('aria-pressed', `${Number(button.dataset.bird) === shown}`)
  }

  const draw = element('button', { type: 'button', className: 'primary' }, 'Draw other birds')
  draw.onclick = () => {
    const from = FIRST_TEST_BIRD + Math.floor(Math.random() * 100_000)
    fill(from)
    void bird(from).then(hear.onBird, hear.onError)
  }
  const chooser = (label: string, attributes: object, take: (file: File) => void, className = ''): HTMLElement => {
    const input = element('input', { type: 'file', className: 'hidden-input', ...attributes })
    input.onchange = () => {
      const [file] = input.files ?? []
      input.value = '' // the same file may be chosen again
      if (file) take(file)
    }
    return element('label', { className: `button ${className}` }, label, input)
  }
  const take = (file: File): void => (isModel(file) ? hear.onModel(file) : hear.onImage(file))
  const stop = (event: DragEvent): void => {
    if (!event.dataTransfer?.types.includes('Files')) return
    event.preventDefault()
    area.classList.toggle('dropping', event.type === 'dragover')
  }
  area.addEventListener('dragover', stop)
  area.addEventListener('dragleave', stop)
  area.addEventListener('drop', event => {
    stop(event)
    const [file] = event.dataTransfer?.files ?? []
    if (file) take(file)
  })
  addEventListener('paste', event => {
    const [file] = event.clipboardData?.files ?? []
    if (file && area.offsetParent) take(file)
  })
  const root = element(
    'div',
    { className: 'card sources' },
    shelf,
    element(
      'div',
      { className: 'row' },
      draw,
      chooser('Choose an image', { accept: 'image/*' }, hear.onImage),
      chooser('Take a photo', { accept: 'image/*', capture: 'environment' }, hear.onImage, 'touch-only'),
      chooser('Load a model', { accept: '.safetensors' }, hear.onModel),
      element('span', { className: 'quiet' }, 'or drop or paste one here'),
    ),
  )
  return { root, bird, keep: one => drawn.set(one.index, Promise.resolve(one)), fill, mark }
}
