/** Chapter 4 of the book in Chromium: losses and gradients are those of Node, and each control does its work. */
import * as assert from 'uvu/assert'
import { type MapOptions, type MapSeen, moveMap } from '../../examples/explained/04-gradients/map.ts'
import {
  coverageOf,
  type ReadingOptions,
  reading,
  type Weight,
  weightsOf,
} from '../../examples/explained/04-gradients/reading.ts'
import { type Followed, type StepOptions, type StepSeen, step } from '../../examples/explained/04-gradients/step.ts'
import { after, near, numbersOf, slide } from '../support/book.ts'
import { chapterSuite } from '../support/chapter.ts'
import type { Page } from '../support/chromium.ts'

type Step = StepSeen & { readonly options: StepOptions; readonly followed: Followed }
interface Pixel {
  readonly options: ReadingOptions
  readonly weights: Weight[]
  readonly unread: number
  readonly most: number
}
type MapNumbers = Omit<MapSeen, 'map' | 'gradient' | 'image' | 'sample' | 'rows' | 'columns'> & {
  readonly options: MapOptions
  readonly map: number[]
  readonly gradient?: number[]
  readonly rows: number[]
  readonly columns: number[]
}

let page: Page
const { t, run } = chapterSuite('04-gradients', opened => {
  page = opened
})

const openCut = (label: string): Promise<Step> => after<Step>(page, 'step', () => page.getByLabel(label).check())

/** Numbers within a thousandth of those in Node; what is zero there is exactly zero here. */
function likeNode(found: StepSeen, expected: StepSeen): void {
  near(found.losses, expected.losses, 1e-3)
  for (const [followed, places] of Object.entries(expected.norms))
    for (const [place, norm] of Object.entries(places)) {
      const got = found.norms[followed as Followed][place as keyof typeof places]
      assert.ok(Math.abs(got - norm) <= 2e-3 * norm, `${followed} at ${place}: ${got}, ${norm} in Node`)
    }
}

t('the step: gradients are those of Node; as published no loss but its own reaches the attention net', async () => {
  const first = await numbersOf<Step>(page, 'step')
  likeNode(first, await step(first.options))
  const { weights, losses, norms } = first
  const sum = Object.entries(weights).reduce((s, [term, w]) => s + w * losses[term as Followed], 0)
  near(losses.loss, sum, 1e-3)
  assert.is(norms.loss.attention, norms.attention.attention)
  for (const term of ['part', 'master', 'sharedPart', 'sharedMaster', 'soft'] as const) {
    assert.is(norms[term].attention, 0, term)
    assert.ok(norms[term].classifier > 0 && norms[term].image > 0, term)
  }
  assert.is(norms.soft.part, 0, 'the teacher is a constant')
  assert.equal([norms.loss.structureMap, norms.loss.detailMap], [0, 0])
})

t('the step: opened cuts let gradients through, but never to the detail map', async () => {
  const taught = await openCut('teacherGradient: as in the MXNet code')
  assert.ok(taught.norms.soft.part > 0)
  const through = await openCut('samplerGradient: beyond the paper')
  likeNode(through, await step(through.options))
  assert.ok(through.norms.sharedMaster.attention > 0 && through.norms.master.structureMap > 0)
  assert.is(through.norms.part.attention, 0)
  assert.is(through.norms.loss.detailMap, 0)
  const drawn = (): Promise<number> => page.locator('[data-figure="step"] svg path.accent').count()
  const all = await drawn()
  const one = await after<Step>(page, 'step', () => page.getByLabel('Go back from').selectOption('attention'))
  assert.equal(one.norms, through.norms)
  assert.ok((await drawn()) < all / 2, 'the loss of the attention net has few ways back')
})

t('a pixel of the sample: its weights are those of Node, and those of the text', async () => {
  const { options, weights, unread, most } = await numbersOf<Pixel>(page, 'pixel')
  const expected = await reading(options)
  near(weights, weightsOf(expected), 1e-3)
  near({ unread, most }, coverageOf(expected), 1e-3)
  near(unread, 0.89, 0.005)
  near(
    weights.reduce((s, { weight }) => s + weight, 0),
    1,
    1e-5,
  )
  const moved = await after<Pixel>(page, 'pixel', () => slide(page, 'Column of the sample', 30))
  assert.ok(moved.weights[0]!.column > weights[0]!.column + 10)
  assert.is(moved.weights[0]!.row, weights[0]!.row)
  const stage = page.locator('[data-figure="pixel"] .stage').first()
  const box = (await stage.boundingBox())!
  const clicked = await after<Pixel>(page, 'pixel', () =>
    stage.click({ position: { x: box.width * (4.5 / 32), y: box.height * (20.5 / 32) } }),
  )
  assert.equal(clicked.options, { row: 20, column: 4 })
})

const mapAfter = (act: () => Promise<unknown>): Promise<MapNumbers> => after<MapNumbers>(page, 'map', act)
/** What the figure publishes, of what the function gives. */
async function published(options: MapOptions): Promise<Omit<MapNumbers, 'options'>> {
  const { map, gradient, rows, columns, image: _, sample: __, ...numbers } = await moveMap(options)
  const lists = { map: [...map], rows: [...rows], columns: [...columns] }
  return JSON.parse(JSON.stringify({ ...numbers, ...lists, gradient: gradient && [...gradient] }))
}

t('a cell of the map: the gradient is that of Node, and foretells the loss', async () => {
  const { options, ...numbers } = await numbersOf<MapNumbers>(page, 'map')
  near(numbers, await published(options), 5e-3)
  assert.ok(Math.abs(numbers.slope! / numbers.difference - 1) < 0.1, `${numbers.slope} and ${numbers.difference}`)
  assert.ok(numbers.gradient!.filter(v => v === 0).length > 128, 'most cells are no maximum')
  near(numbers.loss, 1.14, 0.01)
  const raised = await mapAfter(() => slide(page, 'Value of the cell', numbers.value + 0.05))
  const foretold = numbers.loss + numbers.slope! * (raised.value - numbers.value)
  assert.ok(Math.abs(raised.loss - foretold) < 0.02, `${raised.loss}, foretold was ${foretold}`)
  assert.ok(raised.loss < numbers.loss)
})

t('a cell of the map: the published rounds have no gradient; steps against it make the loss smaller', async () => {
  const rounds = await mapAfter(() => page.getByLabel('The cap').selectOption('rounds'))
  assert.is(rounds.gradient, undefined)
  near(rounds.curve, (await moveMap(rounds.options)).curve, 5e-3)
  assert.is.not(rounds.difference, 0, 'the loss depends on the cell all the same')
  await mapAfter(() => page.getByLabel('The cap').selectOption('exact'))
  const { options, ...one } = await mapAfter(() => slide(page, 'Steps against the gradient', 1))
  near(one.descent, [1.14, 0.08], 0.01)
  near({ ...one }, await published(options), 5e-3)
  const other = await mapAfter(() => slide(page, 'Row of the cell', 0))
  assert.equal(other.cell, [0, one.cell[1]])
  assert.is(other.value, other.map[one.cell[1]], 'a cell begins with its own value')
})

run()
