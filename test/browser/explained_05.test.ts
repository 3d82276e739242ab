/** Chapter 5 of the book in Chromium: parts, draws and prices are those of Node, and each control does its work. */
import * as assert from 'uvu/assert'
import { type Parts, type PartsOptions, parts, type View } from '../../examples/explained/05-parts/parts.ts'
import { costOf, type Price, price, type Way } from '../../examples/explained/05-parts/price.ts'
import { after, near, numbersOf, slide } from '../support/book.ts'
import { chapterSuite } from '../support/chapter.ts'
import type { Page } from '../support/chromium.ts'

type Seen = Pick<View, 'probability' | 'guess'>
type Numbers = Omit<Parts, 'image' | 'structure' | 'details'> & {
  readonly options: PartsOptions
  readonly channel: number
  readonly structure: Seen
  readonly details: Seen[]
}
type PriceNumbers = Price & { readonly k: number; readonly costs: Record<Way, { flop: number; weights: number }> }

let page: Page
const { t, run } = chapterSuite('05-parts', opened => {
  page = opened
})
const act = (f: () => Promise<unknown>): Promise<Numbers> => after<Numbers>(page, 'parts', f)

/** What the figure publishes, of what the function gives. */
async function published(options: PartsOptions): Promise<Omit<Numbers, 'options' | 'channel'>> {
  const { image: _, structure, details, ...numbers } = await parts(options)
  const seen = ({ probability, guess }: View): Seen => ({ probability, guess })
  return { ...numbers, structure: seen(structure), details: details.map(seen) }
}

t('the parts are those of Node, and those of the text', async () => {
  const { options, channel, ...numbers } = await numbersOf<Numbers>(page, 'parts')
  near({ ...numbers }, await published(options), 2e-3)
  assert.is(numbers.drawn.length, options.draws)
  assert.is(channel, numbers.drawn.at(-1))
  assert.is(numbers.live.length, 24)
  assert.is(numbers.kinds, 13)
  assert.is(numbers.distinct.at(-1), 11)
  const known = numbers.details.map(d => d.probability)
  near([numbers.structure.probability, Math.max(...known), Math.min(...known)], [0.58, 0.96, 0.34], 0.006)
  assert.is(known.filter(p => p > numbers.structure.probability).length, 9)
})

t('more draws: every live channel has its turn, and their mean comes to the mean map', async () => {
  const few = await numbersOf<Numbers>(page, 'parts')
  const { options, channel: _, ...many } = await act(() => slide(page, 'Draws so far', 200))
  near({ ...many }, await published(options), 2e-3)
  assert.equal(many.drawn.slice(0, few.drawn.length), few.drawn, 'the same draws, and more')
  assert.is(many.distinct.at(-1), many.live.length)
  near(many.expected.at(-1)!, 24 * (1 - (23 / 24) ** 200), 1e-9)
  assert.ok(many.distance.at(-1)! < many.distance[11]! / 2 && many.distance.at(-1)! < 0.1)
  assert.equal(many.details, few.details)
})

t('a click on a map shows its part; another bird has other live channels', async () => {
  const { live } = await numbersOf<Numbers>(page, 'parts')
  const clicked = await act(() => page.getByRole('button', { name: new RegExp(`^${live[3]}:`) }).click())
  assert.is(clicked.channel, live[3])
  const pressed = page.locator('.channels button[aria-pressed="true"]')
  assert.match((await pressed.textContent())!, new RegExp(`^${live[3]}:`))
  assert.is(await pressed.count(), 1)
  const other = await act(() => slide(page, 'Test bird', 0))
  assert.is(other.live.length, 20)
  assert.ok(
    other.drawn.every(c => other.live.includes(c)),
    'a dead channel is never drawn',
  )
  assert.is(await page.locator('.channels button').count(), 20)
})

t('the price is that of Node; one part costs one classifier, and shared weights cost nothing', async () => {
  const { k, costs, ...found } = await numbersOf<PriceNumbers>(page, 'price')
  const expected = await price()
  assert.equal(found, expected)
  assert.is(k, 24)
  assert.equal(costs.shared, costOf(expected, 'shared', 24))
  near([costs.one.flop / 1e6, costs.shared.flop / 1e6], [31.9, 175.7], 0.05)
  assert.is(costs.apart.weights, 1_981_296)
  near((found.flop.attention + found.flop.classifier) / 1e6, 25.6, 0.05) // as the ablation's table has it
  const one = await after<PriceNumbers>(page, 'price', () => slide(page, 'Parts of an image, k', 1))
  assert.equal(one.costs.one, costs.one)
  assert.equal(one.costs.shared, one.costs.one)
  assert.is(one.costs.apart.flop, one.costs.shared.flop)
  assert.ok(one.costs.apart.weights > one.costs.shared.weights)
})

run()
