/** The pictures of the panel Look: each is a canvas with marks over it, and all follow one pointer. */
import type { ExplainedView, Photo } from '../../src/index.ts'
import { element } from './dom.ts'
import { drawPhoto } from './pixels.ts'
import { imageAt, type Place, type Pointer, sampleAt } from './pointer.ts'

const SVG = 'http://www.w3.org/2000/svg'

/** The way between a picture's own pixels and the image's. */
interface Frame {
  readonly width: number
  readonly height: number
  toImage(place: Place): Place
  fromImage(place: Place): Place
}

/** A picture in its figure. */
export class Picture {
  readonly figure: HTMLElement
  readonly canvas = element('canvas', { className: 'pixels' })
  readonly #caption = element('figcaption')
  readonly #marks = document.createElementNS(SVG, 'svg')
  readonly #grid = document.createElementNS(SVG, 'path')
  readonly #cross = document.createElementNS(SVG, 'path')
  #frame: Frame | undefined

  /** @param keys arrow keys move the pointer in it. */
  constructor(title: string, pointer: Pointer, keys = false) {
    this.#marks.setAttribute('class', 'marks')
    this.#marks.setAttribute('preserveAspectRatio', 'none')
    this.#marks.setAttribute('aria-hidden', 'true')
    this.#grid.setAttribute('class', 'grid-lines')
    this.#cross.setAttribute('class', 'crosshair')
    this.#marks.append(this.#grid, this.#cross)
    this.canvas.setAttribute('role', 'img')
    const stage = element('div', { className: 'stage' }, this.canvas, this.#marks as unknown as HTMLElement)
    this.figure = element('figure', {}, element('h2', { className: 'small' }, title), stage, this.#caption)
    stage.onpointermove = event => {
      if (!this.#frame) return
      const box = stage.getBoundingClientRect()
      const { width, height } = this.#frame
      const x = ((event.clientX - box.left) / box.width) * width - 0.5
      const y = ((event.clientY - box.top) / box.height) * height - 0.5
      pointer.place = this.#frame.toImage({ x, y })
    }
    stage.onpointerleave = () => {
      pointer.place = undefined
    }
    if (keys) this.#takeKeys(stage, pointer)
    pointer.onMove(place => this.#point(place))
  }

  #takeKeys(stage: HTMLElement, pointer: Pointer): void {
    stage.tabIndex = 0
    stage.setAttribute('role', 'group')
    stage.setAttribute('aria-label', 'Image: arrow keys move the pointer, Escape hides it')
    stage.onkeydown = event => {
      const [dx, dy] = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key] ?? []
      if (event.key === 'Escape') pointer.place = undefined
      if (dx === undefined || !this.#frame) return
      event.preventDefault()
      const { width, height } = this.#frame
      const { x, y } = pointer.place ?? { x: width / 2, y: height / 2 }
      const step = event.shiftKey ? 10 : 2
      pointer.place = {
        x: Math.min(width - 1, Math.max(0, x + step * dx)),
        y: Math.min(height - 1, Math.max(0, y + step * dy!)),
      }
    }
  }

  #point(place: Place | undefined): void {
    if (!place || !this.#frame) {
      this.#cross.setAttribute('d', '')
      return
    }
    const { x, y } = this.#frame.fromImage(place)
    const { width, height } = this.#frame
    this.#cross.setAttribute('d', `M${x + 0.5} 0V${height}M0 ${y + 0.5}H${width}`)
  }

  #show(frame: Frame, caption: string, label: string): void {
    this.#frame = frame
    this.#marks.setAttribute('viewBox', `0 0 ${frame.width} ${frame.height}`)
    this.#caption.textContent = caption
    this.canvas.setAttribute('aria-label', label)
  }

  /** A picture of the image itself: its canvas has been drawn. */
  showImage(size: Photo, caption: string, label: string): void {
    this.#show({ ...size, toImage: p => p, fromImage: p => p }, caption, label)
  }

  /** A sample of a view. */
  showSample({ sample, rows, columns }: ExplainedView, caption: string, label: string): void {
    drawPhoto(this.canvas, sample)
    this.#show(
      {
        ...sample,
        toImage: ({ x, y }) => ({ x: imageAt(columns.positions, x), y: imageAt(rows.positions, y) }),
        fromImage: ({ x, y }) => ({ x: sampleAt(columns.positions, x), y: sampleAt(rows.positions, y) }),
      },
      caption,
      label,
    )
  }

  /** The image, shrunk evenly. */
  showShrunk(shrunk: Photo, image: Photo, caption: string, label: string): void {
    drawPhoto(this.canvas, shrunk)
    const [sx, sy] = [image.width / shrunk.width, image.height / shrunk.height]
    this.#show(
      {
        ...shrunk,
        toImage: ({ x, y }) => ({ x: (x + 0.5) * sx - 0.5, y: (y + 0.5) * sy - 0.5 }),
        fromImage: ({ x, y }) => ({ x: (x + 0.5) / sx - 0.5, y: (y + 0.5) / sy - 0.5 }),
      },
      caption,
      label,
    )
  }

  /** Lines where the image is read: some 16 rows and columns of the sample. */
  drawGrid({ rows, columns }: ExplainedView, { width, height }: Photo): void {
    const some = (positions: Float32Array): number[] => {
      const every = Math.max(1, Math.round(positions.length / 16))
      return [...positions].filter((_, i) => i % every === every >> 1)
    }
    this.#grid.setAttribute(
      'd',
      some(rows.positions)
        .map(y => `M0 ${(y + 0.5).toFixed(2)}H${width}`)
        .concat(some(columns.positions).map(x => `M${(x + 0.5).toFixed(2)} 0V${height}`))
        .join(''),
    )
  }
}
