/** The watched birds on the page: the attention over each, and the sample that the classifier sees. */
import type { Photo } from '../../src/index.ts'
import { element } from './dom.ts'
import { drawHeat, drawPhoto } from './pixels.ts'
import type { View, WatchedBird } from './watched.ts'

const percent = (v: number): string => `${Math.round(100 * v)}\u00a0%`

/** One bird. */
class Watch {
  readonly root: HTMLElement
  readonly #bird: WatchedBird
  readonly #image: Photo
  readonly #attention = element('canvas', { role: 'img' })
  readonly #sample = element('canvas', { className: 'sample', role: 'img' })
  readonly #caption = element('figcaption')

  constructor(bird: WatchedBird) {
    this.#bird = bird
    const { size, rgb, name } = bird
    this.#image = { width: size, height: size, data: rgb }
    const image = element('canvas', { role: 'img', 'aria-label': `Drawn bird: ${name}` })
    drawPhoto(image, this.#image)
    this.#sample.setAttribute('aria-label', `The sample of ${name} that the classifier sees`)
    const three = element('div', { className: 'three' }, image, this.#attention, this.#sample)
    this.root = element('figure', { className: 'watch' }, three, this.#caption)
  }

  show({ map, inBox, sample, answer, right, probability }: View): void {
    const { size, box, name } = this.#bird
    const side = Math.sqrt(map.length)
    drawHeat(this.#attention, this.#image, { shape: [side, side], data: map }, size)
    const context = this.#attention.getContext('2d')!
    context.strokeStyle = 'white'
    context.lineWidth = 2 // the canvas is shown smaller than it is
    context.setLineDash([4, 4])
    context.strokeRect(box[0] + 1, box[1] + 1, box[2] - 2, box[3] - 2)
    const area = percent((box[2] * box[3]) / (size * size))
    this.#attention.setAttribute('aria-label', `Attention over ${name}: ${percent(inBox)} of it in the bird's box`)

    const small = Math.sqrt(sample.length / 3)
    drawPhoto(this.#sample, { width: small, height: small, data: sample })
    this.#caption.replaceChildren(
      element('b', {}, name),
      ` – answer: ${answer} ${percent(probability)} `,
      element('span', { className: right ? 'right' : 'wrong' }, right ? '✓ right' : '✗ wrong'),
      element('br'),
      `${percent(inBox)} of the attention in the box, which is ${area} of the image`,
    )
  }
}

/** All of them. */
export class Watches {
  readonly root = element('div', { className: 'watches' })
  #all: readonly Watch[] = []

  begin(birds: readonly WatchedBird[], views: readonly View[]): void {
    this.#all = birds.map(bird => new Watch(bird))
    this.root.replaceChildren(...this.#all.map(watch => watch.root))
    this.show(views)
  }

  show(views: readonly View[]): void {
    views.forEach((view, n) => {
      this.#all[n]!.show(view)
    })
  }

  clear(): void {
    this.#all = []
    this.root.replaceChildren()
  }
}
