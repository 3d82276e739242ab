/** Chapter 9 of the book in Chromium: a plan as in Node, blocks that never meet, and a replay of the same bits. */
import * as assert from 'uvu/assert'
import { boundBlocks, type Layout, places } from '../../examples/explained/09-a-step-written-down/draw.ts'
import {
  type Options,
  type Recorded,
  type Replayed,
  recorded,
  replayed,
} from '../../examples/explained/09-a-step-written-down/figure_worker.ts'
import { after, near, numbersOf, slide } from '../support/book.ts'
import { chapterSuite } from '../support/chapter.ts'
import type { Page } from '../support/chromium.ts'

const FIGURE = 'plan'
interface Numbers {
  readonly options: Options
  readonly layout: Layout
  readonly launch: number
  readonly recorded: Recorded
  readonly replayed: Replayed
}

let page: Page
const { t, run } = chapterSuite('09-a-step-written-down', opened => {
  page = opened
})
const act = (f: () => Promise<unknown>): Promise<Numbers> => after<Numbers>(page, FIGURE, f)
const choose = (label: string, value: string): Promise<Numbers> =>
  act(() => page.getByLabel(label, { exact: true }).selectOption(value))

/** What does not depend on the rungs that an adapter gets: tensors, their lives, and what is alive. */
const lives = ({ launches, blocks, alive, unplanned, lowerBound, flop }: Recorded) => ({
  bound: launches.map(({ bound }) => bound),
  blocks: blocks.map(({ bytes, first, last }) => [bytes, first, last]),
  alive,
  unplanned,
  lowerBound,
  flop,
})

t('the plan of the two layers is that of Node, block by block', async () => {
  const { options, recorded: there } = await choose('The step', 'two layers')
  const here = recorded(options)
  assert.equal(lives(there), lives(here))
  assert.equal(there.blocks, here.blocks)
  near([there.planned, ...there.homes], [here.planned, ...here.homes], 0)
})

t('blocks that are alive at once never meet, and heights add up', async () => {
  for (const step of ['two layers', 'TASN']) {
    const { recorded: plan } = await choose('The step', step)
    for (const layout of ['planned', 'apart'] as const) {
      const at = places(plan, layout)
      for (const [i, a] of plan.blocks.entries())
        for (const [j, b] of plan.blocks.slice(0, i).entries()) {
          if (a.last < b.first || b.last < a.first) continue
          assert.ok(at[i]! + a.bytes <= at[j]! || at[j]! + b.bytes <= at[i]!, `${step}, ${layout}: ${i} meets ${j}`)
        }
    }
    const alive = plan.launches.map((_, i) =>
      plan.blocks.reduce((sum, { bytes, first, last }) => sum + (first <= i && i <= last ? bytes : 0), 0),
    )
    assert.equal(plan.alive, alive)
    assert.is(plan.lowerBound, Math.max(...alive))
    assert.is(
      plan.unplanned,
      plan.blocks.reduce((sum, { bytes }) => sum + bytes, 0),
    )
    assert.is(
      plan.planned,
      plan.homes.reduce((a, b) => a + b),
    )
    assert.ok(plan.planned >= plan.lowerBound && plan.planned < plan.unplanned)
    // A binding that is only declared writable, because its neighbour is written, is not taken for a write.
    for (const { file, bound } of plan.launches.filter(l => /^(conv2d|matmul)/.test(l.file)))
      assert.is(bound.filter(b => b.writes).length, 1, file)
    // Nothing is read before it was written, and every life begins with a write.
    for (const [i, { first }] of plan.blocks.entries()) assert.ok(boundBlocks(plan, first).writes.has(i), `block ${i}`)
  }
})

t('TASN is planned as in Node, within 1.15 of the bound', async () => {
  const { options, recorded: there } = await numbersOf<Numbers>(page, FIGURE)
  assert.equal(options, { step: 'TASN', images: 24 })
  const here = recorded(options)
  for (const { planned, lowerBound } of [there, here]) assert.ok(planned <= 1.15 * lowerBound, `${planned}`)
  assert.is(there.flop, here.flop)
  for (const { blocks, launches } of [there, here]) {
    const images = blocks.reduce((a, b) => (b.bytes > a.bytes ? b : a))
    assert.is(images.bytes, 24 * 3 * 192 * 192 * 4)
    assert.match(launches[images.last]!.file, /^sampler\/sample/, 'the sampler is the last that reads the images')
    const next = launches[images.last + 1]!.bound.find(b => b.writes)!
    assert.is(blocks[next.block!]!.home, images.home, 'the classifier writes where the images have lain')
  }
})

t('the replay gives the bits of the eager steps, and learns', async () => {
  const { replayed: there } = await numbersOf<Numbers>(page, FIGURE)
  const here = await replayed({ steps: 30, images: 64 })
  for (const { eager, replay } of [there, here]) {
    assert.equal(replay.losses, eager.losses)
    assert.ok(replay.losses.at(-1)! < replay.losses[0]! / 2)
  }
  near(there.replay.losses, here.replay.losses, 1e-4)
  assert.match((await page.textContent('[data-figure]'))!, /the same bits in every step/)
})

t('images, memory and launch change what they should', async () => {
  const before = await numbersOf<Numbers>(page, FIGURE)
  const half = await act(() => slide(page, 'Images of a step', 12))
  assert.ok(half.recorded.unplanned < 0.7 * before.recorded.unplanned)
  await act(() => slide(page, 'Images of a step', 24))
  const count = (kind: string): Promise<number> => page.locator(`.memory .${kind}`).count()
  const apart = await choose('The memory', 'apart')
  assert.is(apart.layout, 'apart')
  assert.is(await page.locator('.memory .block').count(), before.recorded.blocks.length)
  await choose('The memory', 'planned')
  for (const at of [0, 60, before.recorded.launches.length - 1]) {
    const { launch, recorded: plan } = await act(() => slide(page, 'Launch', at))
    assert.is(launch, at)
    const { reads, writes } = boundBlocks(plan, at)
    assert.is(await count('writes'), writes.size)
    assert.is(await count('reads'), [...reads].filter(i => !writes.has(i)).length)
    assert.is(
      await page.locator('[aria-label="Tensors of the launch"] tbody tr').count(),
      plan.launches[at]!.bound.length,
    )
  }
  const picture = page.locator('.outputs')
  const box = (await picture.boundingBox())!
  const { launch } = await act(() => picture.click({ position: { x: box.width / 2, y: box.height / 2 } }))
  near(launch / before.recorded.launches.length, 0.475, 0.02)
})

run()
