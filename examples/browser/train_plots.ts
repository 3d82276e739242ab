/** The curves of a training: loss terms, and the accuracies of all heads in training and in testing. */
import uPlot from 'uplot'
import type { LossTerm } from '../../src/tasn/heads.ts'
import { element } from './dom.ts'

/** A line of a plot: the name of its numbers, its label, and its colours on light and on dark. */
interface Line {
  readonly name: string
  readonly label: string
  readonly colours: readonly [light: string, dark: string]
}

/** Each head keeps its colour in all plots. */
const COLOURS: Readonly<Record<'loss' | LossTerm, readonly [light: string, dark: string]>> = {
  loss: ['#22252a', '#e8e6e1'],
  attention: ['#1f63a8', '#7db5f0'],
  part: ['#b3372b', '#f08d80'],
  master: ['#2c7a3f', '#7ccf8f'],
  sharedPart: ['#a05a00', '#e9b264'],
  sharedMaster: ['#7b3fa0', '#cf9ff0'],
  soft: ['#5c6167', '#a3a8af'],
}
const LABELS: Readonly<Record<'loss' | LossTerm, string>> = {
  loss: 'sum',
  attention: 'attention',
  part: 'part',
  master: 'master',
  sharedPart: 'shared(part)',
  sharedMaster: 'shared(master)',
  soft: 'distillation',
}
// By the labels and not by the engine's own lists: the page draws without the engine, which its worker loads.
const KEYS = Object.keys(LABELS) as (keyof typeof LABELS)[]
const HEADS = KEYS.filter(key => key !== 'loss' && key !== 'soft')
const lineOf = (prefix: string, key: keyof typeof LABELS): Line => ({
  name: `${prefix}${key}`,
  label: LABELS[key],
  colours: COLOURS[key],
})

/** Steps over which a curve of the training is averaged: one batch alone jumps. */
const SMOOTH = 16
const HEIGHT = 190

/** A plot that grows; x counts epochs. */
class Growing {
  readonly root: HTMLElement
  readonly #lines: readonly Line[]
  readonly #percent: boolean
  readonly #smooth: number
  #recent: Readonly<Record<string, number>>[] = []
  #columns: (number | null)[][]
  #plot: uPlot | undefined
  #waiting = false

  constructor(title: string, lines: readonly Line[], percent: boolean, smooth: number) {
    this.#lines = lines
    this.#percent = percent
    this.#smooth = smooth
    this.#columns = [[], ...lines.map(() => [])]
    this.root = element('figure', { className: 'curve', 'aria-label': title }, element('h3', {}, title))
    new ResizeObserver(() => this.#resize()).observe(this.root)
    addEventListener('theme', () => this.#remake())
  }

  /** Adds a point; of the numbers those that a line is named after. */
  add(x: number, numbers: Readonly<Record<string, number>>): void {
    // Where the classifier begins, the loss gets more terms: no mean across that.
    const before = this.#recent.at(-1)
    if (before && Object.keys(before).length !== Object.keys(numbers).length) this.#recent = []
    this.#recent = [...this.#recent, numbers].slice(-this.#smooth)
    this.#columns[0]!.push(x)
    this.#lines.forEach(({ name }, i) => {
      const found = this.#recent.flatMap(n => n[name] ?? [])
      this.#columns[i + 1]!.push(numbers[name] === undefined ? null : found.reduce((a, b) => a + b, 0) / found.length)
    })
    this.#draw()
  }

  clear(): void {
    this.#recent = []
    this.#columns = [[], ...this.#lines.map(() => [])]
    this.#draw()
  }

  /** Once a frame, however many steps come. */
  #draw(): void {
    if (this.#waiting) return
    this.#waiting = true
    requestAnimationFrame(() => {
      this.#waiting = false
      if (this.#plot) this.#plot.setData(this.#columns as uPlot.AlignedData)
      else this.#remake()
      this.#showLast()
    })
  }

  /** The legend shows the newest point, until somebody points at another. */
  #showLast(): void {
    const last = this.#columns[0]!.length - 1
    if (this.#plot && last >= 0 && typeof this.#plot.cursor.idx !== 'number') this.#plot.setLegend({ idx: last }, false)
  }

  #resize(): void {
    const width = this.root.clientWidth
    if (width && this.#plot) this.#plot.setSize({ width, height: HEIGHT })
    else if (width) this.#remake()
  }

  #remake(): void {
    const width = this.root.clientWidth
    if (!width) return
    this.#plot?.destroy()
    const colour = (name: string) => getComputedStyle(document.documentElement).getPropertyValue(name).trim()
    const dark = document.documentElement.dataset.theme === 'dark'
    const text = (v: number | null): string =>
      v === null ? '–' : this.#percent ? `${(100 * v).toFixed(1)} %` : v.toFixed(3)
    const axis = { stroke: colour('--quiet'), grid: { stroke: colour('--line'), width: 1 }, ticks: { show: false } }
    this.#plot = new uPlot(
      {
        width,
        height: HEIGHT,
        scales: { x: { time: false }, y: this.#percent ? { range: [0, 1] } : {} },
        cursor: { drag: { x: false, y: false }, points: { size: 6 } },
        legend: { live: true },
        axes: [
          { ...axis, values: (_, all) => all.map(v => `${v}`) },
          {
            ...axis,
            size: 46,
            values: (_, all) => all.map(v => (this.#percent ? `${Math.round(100 * v)} %` : `${v}`)),
          },
        ],
        series: [
          { label: 'epoch', value: (_, v) => (v === null || v === undefined ? '–' : v.toFixed(2)) },
          ...this.#lines.map(
            ({ label, colours }): uPlot.Series => ({
              label,
              stroke: colours[dark ? 1 : 0],
              width: label === LABELS.loss ? 2 : 1.5,
              points: { show: this.#smooth === 1 },
              value: (_, v) => text(v ?? null),
            }),
          ),
        ],
      },
      this.#columns as uPlot.AlignedData,
      this.root,
    )
    requestAnimationFrame(() => this.#showLast())
  }
}

/** The three plots. */
export class Plots {
  readonly root: HTMLElement
  readonly #loss = new Growing(
    'Loss, mean of 16 steps',
    KEYS.map(key => lineOf(key === 'loss' ? '' : 'loss_', key)),
    false,
    SMOOTH,
  )
  readonly #training = new Growing(
    'Right in training, mean of 16 steps',
    HEADS.map(key => lineOf('accuracy_', key)),
    true,
    SMOOTH,
  )
  readonly #test = new Growing(
    'Right in testing, after each epoch',
    HEADS.map(key => lineOf('', key)),
    true,
    1,
  )

  constructor() {
    this.root = element('div', { className: 'curve-grid' }, this.#loss.root, this.#training.root, this.#test.root)
  }

  /** @param epochs the place: epochs and the part of the next one that is done. */
  step(epochs: number, numbers: Readonly<Record<string, number>>): void {
    this.#loss.add(epochs, numbers)
    this.#training.add(epochs, numbers)
  }

  tested(epochs: number, accuracies: Readonly<Record<string, number>>): void {
    this.#test.add(epochs, accuracies)
  }

  clear(): void {
    for (const plot of [this.#loss, this.#training, this.#test]) plot.clear()
  }
}
