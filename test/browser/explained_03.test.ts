/** Chapter 3 of the book in Chromium: the sampler's numbers are those of Node, and each control does its work. */
import * as assert from 'uvu/assert'
import {
  type Magnified,
  magnify,
  type Options,
  type Seen,
} from '../../examples/explained/03-magnifying-glass/figure_worker.ts'
import { after, near, numbersOf, slide } from '../support/book.ts'
import { chapterSuite } from '../support/chapter.ts'
import type { Page } from '../support/chromium.ts'

const FIGURE = 'magnifier'
type Side = Pick<Seen, 'peaks' | 'atSpot' | 'fallback'> & Record<'rows' | 'columns', number[]>
interface Numbers {
  readonly options: Options
  readonly max: Side
  readonly sum: Side
}
/** What the figure publishes, of what the function gives. */
const published = ({ max, sum }: Magnified): Omit<Numbers, 'options'> => {
  const side = ({ peaks, atSpot, fallback, rows, columns }: Seen): Side => ({
    peaks,
    atSpot,
    fallback,
    rows: [...rows.positions],
    columns: [...columns.positions],
  })
  return { max: side(max), sum: side(sum) }
}

let page: Page
const { t, run } = chapterSuite('03-magnifying-glass', opened => {
  page = opened
})
const act = (f: () => Promise<unknown>): Promise<Numbers> => after<Numbers>(page, FIGURE, f)
const shape = (value: string): Promise<Numbers> =>
  act(() => page.getByLabel('The map', { exact: true }).selectOption(value))

t('the numbers are those of Node, and those of the text', async () => {
  const { options, ...numbers } = await numbersOf<Numbers>(page, FIGURE)
  near(numbers, published(await magnify(options)), 1e-3)
  near([numbers.max.atSpot[0], numbers.sum.atSpot[0]], [4, 1.42], 0.005)
  await act(() => slide(page, 'Floor under it', 0))
  const peaks: number[][] = []
  for (const [name, sigma] of [
    ['spot', 60],
    ['spot', 20],
    ['cell', 20],
    ['pixel', 20],
  ] as const) {
    await act(() => slide(page, 'Size σ', sigma))
    const { options, ...numbers } = await shape(name)
    near(numbers, published(await magnify(options)), 1e-3)
    peaks.push([numbers.max.peaks[0]![0], numbers.max.peaks[5]![0]]) // rows: the spot is in their middle
  }
  near(
    peaks,
    [
      [3.4, 3.4],
      [10.21, 4.4],
      [27.46, 4.73],
      [512, 4.99],
    ],
    0.006,
  )
})

t('edge cases: nothing, and a flat axis', async () => {
  assert.ok((await shape('nothing')).max.fallback)
  const flat = await shape('stripe')
  near(
    flat.max.peaks.map(([, columns]) => columns),
    [10.21, 1.8, 1.15, 1.035, 1.009, 1.003],
    0.005,
  )
  const apart = await act(() => page.getByLabel('One peak for both axes').uncheck())
  near(apart.max.peaks[5]!, [1, 4.4], 0.005)
  await act(() => page.getByLabel('One peak for both axes').check())
})

t('the cap, the rounds, the exact cap and the place change what they should', async () => {
  const spot = await shape('spot')
  const low = await act(() => slide(page, 'Cap', 2))
  assert.ok(low.max.peaks[5]![1] < spot.max.peaks[5]![1] - 1)
  assert.equal(low.max.peaks[0], spot.max.peaks[0], 'the marginals do not know the cap')
  await act(() => slide(page, 'Cap', 4))
  const none = await act(() => slide(page, 'Rounds', 0))
  near(none.max.atSpot, spot.max.peaks[0], 0.05)
  await act(() => slide(page, 'Rounds', 5))
  const exact = await act(() => page.getByLabel('Exact cap').check())
  near(exact.max.peaks[5]!, [4, 4], 1e-4)
  await act(() => page.getByLabel('Exact cap').uncheck())
  const middle = (numbers: Numbers): number => numbers.max.columns[42]!
  const moved = await act(() => slide(page, 'Place, across', 0.2))
  assert.ok(middle(moved) < middle(spot) - 10, 'the middle column is read further left')
  near(moved.max.rows, spot.max.rows, 1e-3)
})

t('the spot follows the pointer', async () => {
  const stage = page.locator('.stage')
  const box = (await stage.boundingBox())!
  const { options } = await act(() => stage.click({ position: { x: box.width / 4, y: box.height / 2 } }))
  near([options.x, options.y], [0.25, 0.5], 0.01)
})

t('a long weak branch fools the sum, not the maximum', async () => {
  await act(() => slide(page, 'Floor under it', 0.2))
  await act(() => slide(page, 'Rounds', 0))
  const { max, sum } = await shape('branch')
  const most = ({ peaks, atSpot }: Side): number => peaks[0]![0] / atSpot[0]
  near(most(max), 1, 0.01)
  assert.ok(most(sum) > 1.3, `by the sum the branch gets ${most(sum)} times what the spot gets`)
})

run()
