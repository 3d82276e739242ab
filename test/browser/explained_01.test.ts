/** Chapter 1 of the book in Chromium: the pixels that it counts and the model's answer are those of Node. */
import * as assert from 'uvu/assert'
import { type Looked, look, type Options } from '../../examples/explained/01-looking-closely/figure_worker.ts'
import { after, near, numbersOf, slide } from '../support/book.ts'
import { chapterSuite } from '../support/chapter.ts'
import type { Page } from '../support/chromium.ts'

const FIGURE = 'closely'
type Numbers = Pick<Looked, 'spentShrunk' | 'spentSample' | 'guesses' | 'truth'> & {
  readonly options: Options
  readonly rows: number[]
  readonly columns: number[]
}

let page: Page
const { t, run } = chapterSuite('01-looking-closely', opened => {
  page = opened
})
const act = (label: string, value: number): Promise<Numbers> =>
  after<Numbers>(page, FIGURE, () => slide(page, label, value))

t('the numbers are those of Node', async () => {
  const { options, ...numbers } = await numbersOf<Numbers>(page, FIGURE)
  const { rows, columns, spentShrunk, spentSample, guesses, truth } = await look(options)
  const expected = { spentShrunk, spentSample, guesses, truth, rows: [...rows], columns: [...columns] }
  near({ ...numbers }, expected, 1e-3)
  assert.is(guesses[0]!.name, truth, 'the model knows the bird that the chapter opens with')
})

t('pixels and probabilities are those of the text', async () => {
  const { spentShrunk, spentSample, guesses } = await numbersOf<Numbers>(page, FIGURE)
  assert.equal(spentShrunk, { bird: 187, eye: 16 })
  // A position on the border of a box may fall on either side of it, by the adapter: a row or a column more or less.
  near(spentSample, { bird: 525, eye: 70 }, 25)
  near(guesses[0]!.probability, 0.999, 0.001)
  const flat = await act('How closely it looks, γ', 0.25)
  near(
    flat.guesses.slice(0, 2).map(({ name, probability }) => [name, probability]),
    [
      ['014.Browed_Redcap', 0.492],
      ['013.Ring_eyed_Redcap', 0.485],
    ],
    0.005,
  )
  await act('How closely it looks, γ', 2)
})

t('each slider changes what it should', async () => {
  const first = await numbersOf<Numbers>(page, FIGURE)
  const flat = await act('How closely it looks, γ', 0.25)
  assert.ok(flat.spentSample.eye < first.spentSample.eye / 2, 'a flat map magnifies nothing')
  assert.equal(flat.spentShrunk, first.spentShrunk)
  await act('How closely it looks, γ', 2)
  const large = await act('Size of both', 64)
  assert.is(large.rows.length, 64)
  assert.ok(large.spentShrunk.bird > 3 * first.spentShrunk.bird)
  await act('Size of both', 32)
  const other = await act('Test bird', 40)
  assert.not.equal(other.rows, first.rows)
  const again = await act('Test bird', 28)
  near({ ...again }, { ...first }, 0)
})

run()
