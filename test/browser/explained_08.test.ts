/** Chapter 8 of the book in Chromium: rungs own and load what they do in Node, and what the text says they do. */
import * as assert from 'uvu/assert'
import { type LaneSeen, parts } from '../../examples/explained/08-a-kernel-five-times/draw.ts'
import {
  type Options,
  owned,
  type Race,
  RUNGS,
  type RungName,
  raced,
} from '../../examples/explained/08-a-kernel-five-times/figure_worker.ts'
import { after, near, numbersOf, slide } from '../support/book.ts'
import { chapterSuite } from '../support/chapter.ts'
import type { Page } from '../support/chromium.ts'

const FIGURE = 'rungs'
interface Numbers {
  readonly options: Options
  readonly rung: RungName
  readonly group: number
  readonly lane: number
  readonly seen: LaneSeen
  readonly perProduct: readonly number[]
  readonly owners: readonly number[]
  readonly loads: Record<'x' | 'w' | 'shared', readonly number[]>
  readonly race: Race
}

let page: Page
const { t, run } = chapterSuite('08-a-kernel-five-times', opened => {
  page = opened
})
const act = (f: () => Promise<unknown>): Promise<Numbers> => after<Numbers>(page, FIGURE, f)
const choose = (label: string, value: string): Promise<Numbers> =>
  act(() => page.getByLabel(label, { exact: true }).selectOption(value))

t('each rung owns and loads what it does in Node, and every output has one owner', async () => {
  for (const name of RUNGS) {
    const { options, owners, loads, perProduct } = await choose('The rung', name)
    const here = await owned({ ...options, rung: name })
    assert.equal(owners, [...here.owners], name)
    assert.equal(loads, { x: [...here.x], w: [...here.w], shared: [...here.shared] }, name)
    assert.is(perProduct[RUNGS.indexOf(name)], here.perProduct)
    assert.is(
      parts(here.owners, 256).reduce((sum, { width, height }) => sum + width * height, 0),
      here.owners.length,
      'the drawing leaves nothing out',
    )
  }
})

t('tiles and loads are those of the text, counted by the shaders themselves', async () => {
  await act(() => slide(page, 'Workgroup', 1))
  await act(() => slide(page, 'Lane', 5))
  const tile = async (name: RungName) => {
    const { seen, perProduct } = await choose('The rung', name)
    return [seen.channels, seen.pixels, seen.x, seen.w, seen.shared, perProduct[RUNGS.indexOf(name)]]
  }
  // Of 16 x 16 pixels 46² of 48² taps lie inside, for both loads of the naive rung.
  near(await tile('naive'), [1, 1, 1, 1, 0, 2 * (46 / 48) ** 2], 1e-6)
  await act(() => slide(page, 'Workgroup', 0))
  const { seen } = await act(() => slide(page, 'Lane', 0))
  near([seen.x, seen.w], [4 / 9, 4 / 9], 1e-6) // a corner: five of nine taps lie in the padding
  await act(() => slide(page, 'Workgroup', 1))
  await act(() => slide(page, 'Lane', 5))
  near(await tile('register'), [8, 4, 4, 8, 0, 12 / 32], 1e-6)
  near(await tile('subgroup'), [16, 4, 4, 2, 0, 6 / 64], 1e-6)
  near(await tile('workgroup'), [4, 4, 1 / 4, 1 / 4, 2, 2 / 64], 1e-6)
  near(await tile('rows 16'), [16, 4, 1 / 3, 2, 0, 7 / 3 / 64], 1e-6)
})

t('rungs agree, and a tile in registers is faster than none', async () => {
  const { race, options } = await numbersOf<Numbers>(page, FIGURE)
  const here = await raced(options)
  assert.is(race.flop, here.flop)
  for (const { rungs } of [race, here]) {
    for (const { rung, offBy, lacks } of rungs) assert.ok(lacks || offBy! < 1e-5, `${rung}: ${offBy}`)
    const [naive, register] = rungs
    assert.ok(naive!.ms! > register!.ms!, `${naive!.ms} ms, ${register!.ms} ms`) // in turns: load slows both alike
  }
  assert.ok(
    here.rungs.every(({ lacks }) => !lacks),
    'in Node all five run',
  )
  assert.is(here.taken, 'rows 16')
})

t('sizes, channels and a drag change what they should', async () => {
  const before = await choose('The rung', 'register')
  const small = await choose('The map', '8')
  assert.is(small.owners.length, 64 * 64)
  assert.is(small.seen.pixels, 2, 'the other two lie past the end')
  assert.ok(small.perProduct[1]! > 1.9 * before.perProduct[1]!)
  await choose('The map', '16')
  const few = await act(() => slide(page, 'Channels of y', 8))
  assert.is(few.owners.length, 8 * 256)
  near(few.perProduct[2], 6 / 32, 1e-6) // half of the tile of 16 is empty
  const less = await act(() => slide(page, 'Channels of x', 8))
  assert.is(less.race.flop * 4, few.race.flop)
  await act(() => slide(page, 'Channels of y', 64))
  await act(() => slide(page, 'Channels of x', 32))
  const map = page.locator('.outputs')
  const box = (await map.boundingBox())!
  const { group, lane } = await act(() => map.click({ position: { x: box.width - 30, y: box.height / 2 } }))
  assert.ok(group >= 8, `workgroup ${group} is one of the right half`)
  assert.ok(lane > 0)
})

run()
