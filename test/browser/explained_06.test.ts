/** Chapter 6 of the book in Chromium: softened answers, losses and gradients are those of Node and of the formulas. */
import * as assert from 'uvu/assert'
import {
  norm,
  type Options,
  type Taught,
  TEMPERATURES,
  teach,
} from '../../examples/explained/06-teaching/figure_worker.ts'
import { bookModel } from '../../examples/explained/page/model.ts'
import { drawBird } from '../../src/data/birds/index.ts'
import { after, near, numbersOf, slide } from '../support/book.ts'
import { chapterSuite } from '../support/chapter.ts'
import type { Page } from '../support/chromium.ts'

const FIGURE = 'teaching'
interface Numbers {
  readonly options: Options
  readonly truth: number
  readonly teacher: number[]
  readonly student: number[]
  readonly targets: number[]
  readonly answers: number[]
  readonly losses: { readonly hard: number; readonly soft: number; readonly least: number }
  readonly gradients: { readonly hard: number[]; readonly soft: number[]; readonly teacher: number[] | null }
  readonly sizes: number[]
}
/** What the figure publishes, of what the function gives. */
const published = ({ truth, teacher, student, targets, answers, hard, soft, least, sizes }: Taught) => ({
  truth,
  teacher: [...teacher],
  student: [...student],
  targets: [...targets],
  answers: [...answers],
  losses: { hard: hard.loss, soft: soft.loss, least },
  gradients: {
    hard: [...hard.student],
    soft: [...soft.student],
    teacher: soft.teacher ? [...soft.teacher] : null,
  },
  sizes: [...sizes],
})
const softmax = (z: readonly number[], T: number): number[] => {
  const e = z.map(v => Math.exp((v - Math.max(...z)) / T))
  const total = e.reduce((a, b) => a + b)
  return e.map(v => v / total)
}

let page: Page
const { t, run } = chapterSuite('06-teaching', opened => {
  page = opened
})
const act = (label: string, value: number): Promise<Numbers> =>
  after<Numbers>(page, FIGURE, () => slide(page, label, value))

t('the numbers are those of Node, and the student is the model that the demo has', async () => {
  const { options, ...numbers } = await numbersOf<Numbers>(page, FIGURE)
  near(numbers, published(await teach(options)), 1e-3)
  const { rgb, label } = drawBird(0, 3072 + options.bird)
  const model = await bookModel()
  const { logits } = await model.explain({ width: model.size, height: model.size, data: rgb })
  near(numbers.student, [...logits], 1e-3)
  assert.is(numbers.truth, label)
  const best = (z: readonly number[]): number => z.indexOf(Math.max(...z))
  assert.is(best(numbers.teacher), label, 'by map 5 part-net is right')
  assert.is.not(best(numbers.student), label, 'and master-net is not')
})

t('soft answers, losses and gradients are those of the equations, at each temperature', async () => {
  for (const T of [1, 4, 20, 10]) {
    const { teacher, student, targets, answers, losses, gradients, sizes } = await act('Temperature T', T)
    const [q, p] = [softmax(teacher, T), softmax(student, T)]
    near(targets, q, 1e-5)
    near(answers, p, 1e-5)
    const cross = (a: number[], b: number[]): number => -a.reduce((sum, v, i) => sum + v * Math.log(b[i]!), 0)
    near([losses.soft, losses.least], [cross(q, p), cross(q, q)], 1e-4)
    const gradient = p.map((v, i) => (v - q[i]!) / T)
    near(gradients.soft, gradient, 1e-5)
    near(sizes[TEMPERATURES.indexOf(T)]!, norm(Float32Array.from(gradient)), 1e-5)
    assert.is(gradients.teacher, null)
  }
})

t('at 10 the soft target is nearly uniform, and the pull is small beside that of the label', async () => {
  const { losses, sizes, gradients } = await numbersOf<Numbers>(page, FIGURE)
  near([losses.soft, losses.least], [2.698, 2.667], 1e-3)
  const [one, ten, twenty] = [1, 10, 20].map(T => sizes[TEMPERATURES.indexOf(T)]!) as [number, number, number]
  assert.ok(ten < one / 10, `${ten} at 10, ${one} at 1`)
  near([ten, 100 * ten, ten / (0.5 * norm(Float32Array.from(gradients.hard)))], [0.007, 0.7, 0.015], 0.005)
  near((400 * twenty) / (100 * ten), 1, 0.35) // times T² it levels off
})

t('logits as small as at the beginning say nothing; the map changes the teacher alone', async () => {
  const usual = await numbersOf<Numbers>(page, FIGURE)
  const small = await act('Logits, times', 0)
  near(small.losses.soft, Math.log(16), 0.002)
  near(
    small.student,
    usual.student.map(z => 0.05 * z),
    1e-3,
  )
  await act('Logits, times', 6)
  const other = await act('Part-net sees by map', 0)
  near(other.student, usual.student, 1e-3)
  assert.ok(other.teacher.indexOf(Math.max(...other.teacher)) !== other.truth, 'by map 0 part-net is wrong')
  await act('Part-net sees by map', usual.options.channel)
  const bird = await act('Test bird', 40)
  assert.not.equal(bird.truth, usual.truth)
  const { options, ...again } = await act('Test bird', usual.options.bird)
  near(again, published(await teach(options)), 1e-3)
})

t('the teacher gets a gradient only where it learns, and the student the same', async () => {
  const before = await numbersOf<Numbers>(page, FIGURE)
  const box = page.getByLabel('The teacher learns, too')
  const { gradients, targets, answers, options } = await after<Numbers>(page, FIGURE, () => box.check())
  near(gradients.soft, before.gradients.soft, 1e-7)
  // q (-log p - the mean of it) / T, as for any softmax
  const cost = answers.map(p => -Math.log(p))
  const mean = targets.reduce((sum, q, i) => sum + q * cost[i]!, 0)
  near(
    gradients.teacher!,
    targets.map((q, i) => (q * (cost[i]! - mean)) / options.temperature),
    1e-5,
  )
  await after(page, FIGURE, () => box.uncheck())
})

run()
