/** The figure of the chapter: two answers, softened by a temperature, and how hard the one pulls at the other. */
import { element } from '../../browser/dom.ts'
import { readable } from '../../browser/names.ts'
import { drawPhoto } from '../../browser/pixels.ts'
import { redrawn, slider, tick } from '../page/controls.ts'
import type { Figures, Live } from '../page/figures.ts'
import { drawing, plot } from '../page/plot.ts'
import { cell, headOf, scrolling } from '../page/table.ts'
import { BARS, bars, sizesPlot, WEIGHTS } from './draw.ts'
import { norm, type Options, type Taught } from './figure_worker.ts'

/** Factors on the logits that the slider offers: from the beginning of a training to beyond its end. */
const TIMES = [0.05, 0.1, 0.2, 0.35, 0.5, 0.7, 1, 1.5, 2]

const digits = (v: number): string => (v >= 100 ? v.toFixed(1) : v >= 0.001 ? v.toFixed(4) : v.toExponential(1))
const percent = (p: number): string => `${(100 * p).toFixed(1)} %`

/** A sample, with a sentence on the answer to it. */
function makeSample(title: string) {
  const canvas = element('canvas', { role: 'img', className: 'pixels', 'aria-label': title })
  const caption = element('figcaption')
  return {
    root: element('figure', {}, element('h3', {}, title), canvas, caption),
    show(photo: Taught['detail'], logits: Float32Array, classes: readonly string[]): void {
      drawPhoto(canvas, photo)
      const best = logits.indexOf(logits.reduce((a, b) => Math.max(a, b)))
      const p = 1 / logits.reduce((sum, z) => sum + Math.exp(z - logits[best]!), 0)
      caption.textContent = `It sees this, and says at temperature 1: ${readable(classes[best]!)}, ${percent(p)}.`
    },
  }
}

/** The terms that pull at the student's logits, one a row. */
function termsTable({ hard, soft }: Taught, { temperature }: Options): HTMLElement {
  const label = WEIGHTS.hard * norm(hard.student)
  const row = (name: string, loss: string, size: number): HTMLElement =>
    element(
      'tr',
      {},
      element('th', { scope: 'row' }, name),
      ...[loss, digits(size), (size / label).toPrecision(3)].map(v => cell(v)),
    )
  const published = WEIGHTS.soft * norm(soft.student)
  const rows = [
    row('the label, weight 0.5', digits(WEIGHTS.hard * hard.loss), label),
    row('distillation, weight 1: as published', digits(soft.loss), published),
    row('distillation, times T²', digits(temperature ** 2 * soft.loss), temperature ** 2 * published),
    ...(soft.teacher ? [row('distillation, on the teacher', '', norm(soft.teacher))] : []),
  ]
  const head = headOf(['term', 'loss', 'its gradient', 'times that of the label'])
  return element('table', {}, head, element('tbody', {}, ...rows))
}

async function teaching(root: HTMLElement, live: Live): Promise<void> {
  const update = redrawn(root, async () => {
    const options = read()
    const got = await live.call<Taught>('teach', options)
    const { classes, truth, hard, soft, least, sizes } = got
    detail.show(got.detail, got.teacher, classes)
    structure.show(got.structure, got.student, classes)
    const told = `Both answers at temperature ${options.temperature}, for each of ${classes.length} species`
    answers.innerHTML = drawing(BARS, bars(got), told)
    const label = WEIGHTS.hard * norm(hard.student)
    curve.innerHTML = plot(
      sizesPlot(sizes, label, options.temperature),
      'The size of the gradient on the student over the temperature, with and without the factor T²',
    )
    rest.textContent =
      `The distillation is ${digits(soft.loss)}. Of that, ${digits(least)} is the entropy of the soft targets: no ` +
      `student can get below it. What can be learnt is the rest, ${digits(Math.max(0, soft.loss - least))}.`
    table.replaceChildren(termsTable(got, options))
    drawn.textContent = `Drawn was: ${readable(classes[truth]!)}.`
    live.show({
      options,
      truth,
      teacher: [...got.teacher],
      student: [...got.student],
      targets: [...got.targets],
      answers: [...got.answers],
      losses: { hard: hard.loss, soft: soft.loss, least },
      gradients: {
        hard: [...hard.student],
        soft: [...soft.student],
        teacher: soft.teacher ? [...soft.teacher] : null,
      },
      sizes,
    })
  })
  const change = (): void => void update()
  const temperature = slider(
    { label: 'Temperature T', min: 1, max: 20, step: 0.5, value: 10, words: v => v.toFixed(1) },
    change,
  )
  const times = slider(
    {
      label: 'Logits, times',
      min: 0,
      max: TIMES.length - 1,
      step: 1,
      value: TIMES.indexOf(1),
      words: v => `${TIMES[v]}`,
      hint: 'Small, as when training begins; 1 is the trained model.',
    },
    change,
  )
  const bird = slider({ label: 'Test bird', min: 0, max: 511, step: 1, value: 68 }, change)
  const channel = slider({ label: 'Part-net sees by map', min: 0, max: 23, step: 1, value: 5 }, change)
  const learns = tick('The teacher learns, too, as in the MXNet code', false, change)
  const read = (): Options => ({
    bird: bird.value,
    channel: channel.value,
    temperature: temperature.value,
    times: TIMES[times.value]!,
    teacherLearns: learns.value,
  })
  const detail = makeSample('Part-net, the teacher')
  const structure = makeSample('Master-net, the student')
  const drawn = element('p')
  const answers = element('div')
  const curve = element('div')
  const rest = element('p')
  const note = element(
    'figcaption',
    {},
    'In the plot the dashed line is the gradient of the label, the upright line the temperature. The size of a ' +
      'gradient is its Euclidean norm, over the logits of the student.',
  )
  const table = scrolling('The terms of the loss')
  root.append(
    element('div', { className: 'controls' }, ...[temperature, times, bird, channel, learns].map(c => c.root)),
    element(
      'div',
      { className: 'matrix-row' },
      element('div', {}, answers, drawn, rest),
      element('div', { className: 'stack' }, detail.root, structure.root),
    ),
    element('div', { className: 'side-by-side' }, element('figure', {}, curve, note), table),
  )
  await update()
}

export const figures: Figures = { teaching }
