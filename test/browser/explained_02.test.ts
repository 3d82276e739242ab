/** Chapter 2 of the book in Chromium: relations, weights and maps are those of Node and of the model itself. */
import * as assert from 'uvu/assert'
import {
  type Options,
  type Related,
  relate,
  type Scatter,
} from '../../examples/explained/02-features-and-maps/figure_worker.ts'
import { bookModel } from '../../examples/explained/page/model.ts'
import { drawBird } from '../../src/data/birds/index.ts'
import { mean } from '../../src/study/statistics.ts'
import { after, near, numbersOf, slide } from '../support/book.ts'
import { chapterSuite } from '../support/chapter.ts'
import type { Page } from '../support/chromium.ts'

const FIGURE = 'relations'
const [C, PLACES] = [24, 256]
interface Numbers {
  readonly options: Options
  readonly row: number
  readonly column: number
  readonly relation: number
  readonly weight: number
  readonly weights: number[]
  readonly places: number[]
  readonly channels: number[]
  readonly scattered: { readonly features: Scatter; readonly maps: Scatter }
  readonly map: number[]
}
/** What the figure publishes, of what the function gives. */
const published = (related: Related, row: number, column: number): Omit<Numbers, 'options'> => ({
  row,
  column,
  relation: related.relations[row * C + column]!,
  weight: related.weights[row * C + column]!,
  weights: [...related.weights],
  places: [...related.places],
  channels: [...related.channels],
  scattered: related.scattered,
  map: [...(related.maps.data.subarray(row * PLACES, (row + 1) * PLACES) as Float32Array)],
})

let page: Page
const { t, run } = chapterSuite('02-features-and-maps', opened => {
  page = opened
})
const act = (f: () => Promise<unknown>): Promise<Numbers> => after<Numbers>(page, FIGURE, f)
const move = (label: string, value: number): Promise<Numbers> => act(() => slide(page, label, value))
/** The numbers of Node, for what the page shows. */
const inNode = async ({ options, row, column }: Numbers): Promise<Omit<Numbers, 'options'>> =>
  published(await relate(options), row, column)
const rest = ({ options: _, ...numbers }: Numbers): Omit<Numbers, 'options'> => numbers

t('the numbers are those of Node, and the maps those of the model', async () => {
  const numbers = await numbersOf<Numbers>(page, FIGURE)
  near(rest(numbers), await inNode(numbers), 2e-3)
  const { rgb } = drawBird(0, 3072 + numbers.options.bird)
  const model = await bookModel()
  const { attention, features } = await model.explain({ width: model.size, height: model.size, data: rgb })
  const of = (data: ArrayLike<number>, c: number): number[] =>
    Array.from({ length: PLACES }, (_, p) => data[c * PLACES + p]!)
  near(numbers.map, of(attention.data, numbers.row), 2e-3)
  // A map is its row of weights times the channels.
  const weights = numbers.weights.slice(numbers.row * C, (numbers.row + 1) * C)
  near(mean(weights) * C, 1, 1e-5)
  const mixed = Array.from({ length: PLACES }, (_, p) =>
    weights.reduce((sum, v, j) => sum + v * features.data[j * PLACES + p]!, 0),
  )
  near(numbers.map, mixed, 2e-3)
})

t('the sliders choose a row and a column, the matrix too; a sheet chooses a row', async () => {
  const { weights } = await numbersOf<Numbers>(page, FIGURE)
  const chosen = await move('Row: channel', 5)
  assert.is(chosen.row, 5)
  const both = await move('Column: channel', 20)
  assert.is(both.weight, weights[5 * C + 20])
  const matrix = page.locator('.matrix')
  const box = (await matrix.boundingBox())!
  const at = (row: number, column: number) => ({
    x: ((column + 0.6) * box.width) / (C + 0.2),
    y: ((row + 0.6) * box.height) / (C + 0.2),
  })
  const pointed = await act(() => matrix.hover({ position: at(3, 7) }))
  assert.equal([pointed.row, pointed.column], [3, 7])
  const left = await act(() => page.mouse.move(2, 2))
  assert.equal([left.row, left.column], [5, 20])
  await act(() => matrix.click({ position: at(3, 7) }))
  await page.mouse.move(2, 2)
  const kept = await numbersOf<Numbers>(page, FIGURE)
  assert.equal([kept.row, kept.column], [3, 7])
  const sheet = page.locator('.sheet').first()
  const tile = (await sheet.boundingBox())!.width / 6
  const clicked = await act(() => sheet.click({ position: { x: 0.5 * tile, y: 2.5 * tile } }))
  assert.equal([clicked.row, clicked.column], [12, 7])
  const back = await move('Column: channel', 10)
  near(rest(back), await inNode(back), 2e-3)
})

t('the inner scale spreads the rows of N(X), and each softmax does its work', async () => {
  const sharp = await numbersOf<Numbers>(page, FIGURE)
  const soft = await move('Inner scale', 0)
  near(rest(soft), await inNode(soft), 2e-3)
  assert.ok(mean(soft.places) > 20 * mean(sharp.places), `${mean(soft.places)} and ${mean(sharp.places)} places`)
  await move('Inner scale', 8)
  const noInner = await act(() => page.getByLabel('Inner softmax').uncheck())
  near(noInner.scattered, (await inNode(noInner)).scattered, 2e-3)
  assert.ok(noInner.scattered.maps.kinds < sharp.scattered.maps.kinds)
  await act(() => page.getByLabel('Inner softmax').check())
  const noOuter = await act(() => page.getByLabel('Outer softmax').uncheck())
  assert.is(noOuter.weight, noOuter.relation)
  assert.ok(mean(noOuter.channels) > mean(sharp.channels))
  await act(() => page.getByLabel('Outer softmax').check())
})

t('another bird has other relations', async () => {
  const before = await numbersOf<Numbers>(page, FIGURE)
  const other = await move('Test bird', 100)
  near(rest(other), await inNode(other), 2e-3)
  assert.not.equal(other.weights, before.weights)
  await move('Test bird', 28)
})

/** Half the values are smaller. */
function median(values: readonly number[]): number {
  const [sorted, half] = [[...values].sort((a, b) => a - b), values.length / 2]
  return (sorted[Math.floor(half - 0.5)]! + sorted[Math.floor(half)]!) / 2
}

t('the table of the text: sixteen birds, one of each species, with other scales and softmaxes', async () => {
  const trained = { innerScale: 2, innerSoftmax: true, outerSoftmax: true }
  const of = async (changes: Partial<Options>): Promise<Related[]> => {
    const all: Related[] = []
    for (let bird = 16; bird < 32; bird++) all.push(await relate({ ...trained, ...changes, bird }))
    return all
  }
  /** In the box, in percent; different maps; widths. */
  const row = (all: readonly Related[]): number[] => [
    100 * mean(all.flatMap(r => r.scattered.maps.inBox)),
    mean(all.map(r => r.scattered.maps.kinds)),
    median(all.flatMap(r => r.places)),
    median(all.flatMap(r => r.channels)),
  ]
  const usual = await of({})
  const features = usual.map(r => r.scattered.features)
  near([100 * mean(features.flatMap(f => f.inBox)), mean(features.map(f => f.kinds))], [37, 24], 0.51)
  near(100 * mean(usual.map(({ box: [, , w, h], image }) => (w * h) / image.width / image.height)), 22, 0.51)
  for (const [changes, expected] of [
    [{ innerScale: 0.05 }, [50, 3.3, 254, 2]],
    [{ innerScale: 0.5 }, [50, 8.3, 19, 1.4]],
    [{}, [49, 9.9, 1.7, 1.2]],
    [{ innerScale: 7 }, [48, 10.6, 1, 1.1]],
    [{ innerSoftmax: false }, [48, 6.9, 35, 1]],
    [{ outerSoftmax: false }, [49, 10.6, 1.7, 7.3]],
  ] as const)
    near(row(await of(changes)), [...expected], 0.51)
  // The half of each bird's channels with the smaller largest values, and the other half.
  const halves = usual.map(({ features: { data }, scattered }) => {
    const largest = Array.from({ length: C }, (_, c) => Math.max(...data.subarray(c * PLACES, (c + 1) * PLACES)))
    const order = [...largest.keys()].sort((a, b) => largest[a]! - largest[b]!)
    const share = (from: number, scatter: Scatter): number =>
      100 * mean(order.slice(from, from + C / 2).map(c => scatter.inBox[c]!))
    return [0, C / 2].flatMap(from => [share(from, scattered.features), share(from, scattered.maps)])
  })
  near(
    [0, 1, 2, 3].map(i => mean(halves.map(h => h[i]!))),
    [27, 45, 48, 52],
    0.51,
  )
})

run()
