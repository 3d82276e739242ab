/** The watched birds on the page: the attention over each, and the sample that the classifier sees. */
import { element } from './dom.ts'
import type { View, WatchedBird } from './watched.ts'

/** Between dark blue, magenta, orange and light yellow: dark to bright also in grey. */
const STOPS = [
  [0, 0, 51],
  [128, 13, 128],
  [242, 102, 51],
  [255, 255, 179],
] as const

function heatColour(v: number): [number, number, number] {
  const at = Math.min(0.9999, Math.max(0, v)) * 3
  const i = Math.floor(at)
  const mix = (c: number) => STOPS[i]![c]! + (at - i) * (STOPS[i + 1]![c]! - STOPS[i]![c]!)
  return [mix(0), mix(1), mix(2)]
}

/** A canvas of a square picture; `colour` gives red, green and blue of each pixel. */
function picture(side: number, colour: (i: number) => ArrayLike<number>): HTMLCanvasElement {
  const canvas = element('canvas', { width: side, height: side })
  const pixels = new ImageData(side, side)
  for (let i = 0; i < side * side; i++) {
    const [r, g, b] = colour(i) as unknown as [number, number, number]
    pixels.data.set([r, g, b, 255], 4 * i)
  }
  canvas.getContext('2d')!.putImageData(pixels, 0, 0)
  return canvas
}

const percent = (v: number): string => `${Math.round(100 * v)} %`

/** One bird. */
class Watch {
  readonly root: HTMLElement
  readonly #bird: WatchedBird
  readonly #grey: HTMLCanvasElement
  readonly #attention: HTMLCanvasElement
  readonly #sample = element('canvas', { className: 'sample' })
  readonly #caption = element('figcaption')

  constructor(bird: WatchedBird) {
    this.#bird = bird
    const { size, rgb, name } = bird
    this.#grey = picture(size, i => {
      const v = (rgb[3 * i]! + rgb[3 * i + 1]! + rgb[3 * i + 2]!) / 3
      return [v, v, v]
    })
    const image = picture(size, i => rgb.subarray(3 * i, 3 * i + 3))
    image.setAttribute('role', 'img')
    image.setAttribute('aria-label', `Drawn bird: ${name}`)
    this.#attention = element('canvas', { width: size, height: size, role: 'img' })
    this.#sample.setAttribute('role', 'img')
    this.#sample.setAttribute('aria-label', `The sample of ${name} that the classifier sees`)
    const three = element('div', { className: 'three' }, image, this.#attention, this.#sample)
    this.root = element('figure', { className: 'watch' }, three, this.#caption)
  }

  show({ map, inBox, sample, answer, right, probability }: View): void {
    const { size, box, name } = this.#bird
    const side = Math.sqrt(map.length)
    const heat = picture(side, i => heatColour(map[i]!))
    const context = this.#attention.getContext('2d')!
    context.globalAlpha = 1
    context.drawImage(this.#grey, 0, 0)
    context.globalAlpha = 0.6
    context.imageSmoothingQuality = 'high'
    context.drawImage(heat, 0, 0, size, size)
    context.globalAlpha = 1
    context.strokeStyle = 'white'
    context.setLineDash([4, 4])
    context.strokeRect(box[0] + 0.5, box[1] + 0.5, box[2] - 1, box[3] - 1)
    const area = percent((box[2] * box[3]) / (size * size))
    this.#attention.setAttribute('aria-label', `Attention over ${name}: ${percent(inBox)} of it in the bird's box`)

    const small = Math.sqrt(sample.length / 3)
    this.#sample.width = small
    this.#sample.height = small
    this.#sample.getContext('2d')!.drawImage(
      picture(small, i => sample.subarray(3 * i, 3 * i + 3)),
      0,
      0,
    )
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
