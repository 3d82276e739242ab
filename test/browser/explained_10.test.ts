/** Chapter 10 of the book in Chromium: the op of the page's shader has Node's values, and mistakes are caught in it. */
import { readFileSync } from 'node:fs'
import * as assert from 'uvu/assert'
import { at, examine, formula, type Written, xs } from '../../examples/explained/10-your-own-op/figure_worker.ts'
import { filesIn } from '../../examples/explained/10-your-own-op/files.ts'
import { MISTAKES } from '../../examples/explained/10-your-own-op/mistakes.ts'
import { BOOK } from '../../examples/explained/frame/book.ts'
import { after, near, numbersOf, slide } from '../support/book.ts'
import { chapterSuite } from '../support/chapter.ts'
import type { Page } from '../support/chromium.ts'

const ID = '10-your-own-op'
const FIGURE = 'gelu'
interface Numbers {
  readonly written: Written
  readonly x: number
  readonly problem?: string
  readonly faults: readonly (string | null)[]
  readonly y?: readonly number[]
  readonly slope?: readonly number[]
  readonly touch?: { readonly x: number; readonly y: number; readonly slope?: number }
}

let page: Page
const { t, run } = chapterSuite(ID, opened => {
  page = opened
})
const act = (f: () => Promise<unknown>): Promise<Numbers> => after<Numbers>(page, FIGURE, f)
const choose = (name: string): Promise<Numbers> =>
  act(() => page.getByLabel('A mistake', { exact: true }).selectOption(name))
/** A message without its digits: rungs of another adapter round in another way. */
const words = (fault: string | null | undefined): string | null => fault?.replaceAll(/\d\.\de[-+]\d+/g, '#') ?? null

t('the page runs the shader of its text, with the values of Node and of the formula, and both tests pass', async () => {
  const { written, faults, y, slope } = await numbersOf<Numbers>(page, FIGURE)
  assert.equal(written, { shader: filesIn(readFileSync(`${BOOK}${ID}/chapter.md`, 'utf8')).shader })
  assert.equal(faults, [null, null])
  const { values } = await examine(written)
  near([y, slope], [[...values!.y], [...values!.slope!]], 1e-5)
  near(y, xs.map(formula), 1e-5)
})

t('the point moves: y and slope of Node, by the slider and in the plot', async () => {
  const { written, touch } = await act(() => slide(page, 'x', -0.75))
  const { y, slope } = (await at({ ...written, x: -0.75 }))!
  near(touch, { x: -0.75, y: y[0], slope: slope![0] }, 1e-5)
  const plot = page.locator('.curves')
  const box = (await plot.boundingBox())!
  const { x } = await act(() => plot.click({ position: { x: box.width * 0.8, y: box.height / 2 } }))
  assert.ok(x > 2 && x < 3, `${x}`)
})

t('each mistake is caught as in Node', async () => {
  for (const [name, { file, from, to }] of Object.entries(MISTAKES)) {
    const { written, problem, faults } = await choose(name)
    const sound = await examine(written)
    assert.is(written.mistake, file === 'op' ? name : undefined)
    assert.is(written.shader.includes(to) && !written.shader.includes(from), file === 'shader', name)
    assert.is(problem?.includes('does not compile'), name === 'syntax' ? true : undefined)
    assert.equal(
      faults.map(words),
      sound.tests.map(({ fault }) => words(fault)),
      name,
    )
    assert.ok(problem ?? faults.some(Boolean), `${name} is caught`)
    if (name === 'unrecorded') assert.match((await page.locator('.figure tbody').textContent())!, /dy\/dxnone/)
  }
  const { faults } = await choose('none')
  assert.equal(faults, [null, null], 'after a shader that does not compile, the device still computes')
})

t('the shader can be changed by hand', async () => {
  const code = page.getByLabel('The shader, to be changed')
  const printed = await code.inputValue()
  const { written, faults, y } = await act(() => code.fill(printed.replace('select(v * s,', 'select(v * s + 1.0,')))
  assert.match(written.shader, /v \* s \+ 1\.0/)
  assert.match(faults[0]!, /^gelu\/gelu, lanes at \[7\]: forward/)
  near(
    y,
    xs.map(x => formula(x) + 1),
    1e-5,
  )
  assert.equal((await act(() => code.fill(printed))).faults, [null, null])
})

run()
