/** Chapter 7 of the book in Chromium: the walk over the tape has Node's numbers and the engine's, and where not. */
import * as assert from 'uvu/assert'
import { type Name, type Options, type Walked, walk } from '../../examples/explained/07-autograd/figure_worker.ts'
import { after, near, numbersOf, slide } from '../support/book.ts'
import { chapterSuite } from '../support/chapter.ts'
import type { Page } from '../support/chromium.ts'

const FIGURE = 'tape'
interface Numbers {
  readonly options: Options
  readonly step: number
  readonly wrong: readonly Name[]
  readonly walked: Walked
}

let page: Page
const { t, run } = chapterSuite('07-autograd', opened => {
  page = opened
})
const act = (f: () => Promise<unknown>): Promise<Numbers> => after<Numbers>(page, FIGURE, f)
const place = (on: boolean): Promise<Numbers> => act(() => page.getByLabel('Add in place').setChecked(on))
const gradient = ({ walked }: Numbers, name: Name, step = 5): number | undefined =>
  walked.steps[step - 1]!.after[name]?.value
const story = (): Promise<string | null> => page.locator('.story').textContent()

t('the numbers are those of Node, of valueAndGrad(), of the quotient, and of the text', async () => {
  const numbers = await numbersOf<Numbers>(page, FIGURE)
  near(numbers.walked, await walk(numbers.options), 1e-6)
  const { engine, quotient, values, ops, steps } = numbers.walked
  assert.equal(ops, { p: 'square', q: 'scale', s: 'add', t: 'mul', L: 'relu' })
  assert.equal(values, { x: 2, w: 1, p: 4, q: 3, s: 5, t: 15, L: 15 })
  assert.equal(engine, { x: 12, w: 18 })
  near(quotient, engine, 1e-6)
  assert.equal([gradient(numbers, 'x'), gradient(numbers, 'w')], [12, 18])
  // Line 3 hands one tensor to both, and makes none; the sum of line 2 is a new one.
  const [, , add, scale] = steps
  assert.is(add!.after.p!.tensor, 3)
  assert.equal([add!.after.w!.tensor, add!.after.s!.tensor], [3, 3])
  assert.equal([scale!.handed.w!.value, scale!.met], [15, ['w']])
  assert.equal(
    [scale!.after.w, scale!.after.p],
    [
      { value: 18, tensor: 6 },
      { value: 3, tensor: 3 },
    ],
  )
})

t('the walk goes on line by line', async () => {
  assert.match(
    (await story())!,
    /^s = add\(p, w\): .*one and the same tensor\. So p gets 3, in g3, and w gets 3, in g3\.$/,
  )
  assert.match(await page.locator('.figure svg.plot').innerHTML(), /dx: none yet/)
  const { step } = await act(() => slide(page, 'Lines walked back', 5))
  assert.is(step, 5)
  assert.match(await page.locator('.figure svg.plot').innerHTML(), /dx = 12, in g7/)
  assert.match((await story())!, /So x gets 12, in g7\.$/)
  await act(() => slide(page, 'Lines walked back', 0))
  assert.match((await story())!, /begins with dL = 1/)
})

t('in place: p changes with w, and dx is wrong', async () => {
  await act(() => slide(page, 'Lines walked back', 4))
  const numbers = await place(true)
  near(numbers.walked, await walk({ x: 2, w: 1, inPlace: true }), 1e-6)
  assert.equal(numbers.wrong, ['p', 's'], 'what still holds g3')
  assert.equal([gradient(numbers, 'p', 4), gradient(numbers, 'w', 4)], [18, 18])
  assert.equal([gradient(numbers, 'x'), numbers.walked.engine.x], [72, 12])
  const last = await act(() => slide(page, 'Lines walked back', 5))
  assert.equal(last.wrong, ['x', 'p', 's'])
  assert.match((await page.locator('.figure tbody').last().textContent())!, /dL\/dx1272, wrong12/)
  assert.equal((await place(false)).wrong, [])
})

t('x and w change values and gradients; below zero the ReLU lets none pass', async () => {
  const moved = await act(() => slide(page, 'x', -1.5))
  near(moved.walked, await walk({ x: -1.5, w: 1, inPlace: false }), 1e-5)
  near(gradient(moved, 'x'), -9, 1e-5)
  const off = await act(() => slide(page, 'w', -1))
  assert.equal([gradient(off, 'x'), gradient(off, 'w')].map(Math.abs as (v: number | undefined) => number), [0, 0])
  assert.is(off.walked.values.L, 0)
})

run()
