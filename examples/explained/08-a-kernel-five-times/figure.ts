/** The figure of the chapter: five rungs of one kernel, who owns and loads what in each, and how long each takes. */
import { element } from '../../browser/dom.ts'
import { choice, redrawn, slider } from '../page/controls.ts'
import type { Figures, Live } from '../page/figures.ts'
import { drawing } from '../page/plot.ts'
import { dragged } from '../page/stage.ts'
import { cell, scrolling } from '../page/table.ts'
import { LANE, laneSeen, outputAt, products, SIZE, tiles } from './draw.ts'
import { type Options, type Owned, type Race, RUNGS, type RungName } from './figure_worker.ts'

const NAMES: Readonly<Record<RungName, string>> = {
  naive: '1 naive: one output each',
  register: '2 register: a tile each',
  subgroup: '3 subgroup: weights shared',
  workgroup: '4 workgroup: tiles shared',
  'rows 16': '5 rows: four pixels a load',
}
const SIZES = { '8': '8 × 8', '16': '16 × 16', '32': '32 × 32' } as const

const share = (v: number): string => (Number.isInteger(v) ? `${v}` : v.toFixed(v < 1 ? 3 : 2))
const count = (n: number, word: string): string => `${n} ${word}${n === 1 ? '' : 's'}`

/** Times and rates, a rung a row. */
function timesTable(all: readonly Owned[], race: Race, chosen: RungName): HTMLElement {
  const first = race.rungs[0]!.ms
  const rates = race.rungs.map(({ ms }) => (ms ? race.flop / ms / 1e6 : 0))
  const most = Math.max(...rates)
  const head = ['rung', 'loads a product', 'ms', 'GFLOP/s', 'times naive', '', 'off by']
  const rows = race.rungs.map(({ rung, lacks, ms, offBy }, i) => {
    const bar = element('div', { className: 'rate' })
    bar.style.width = `${most ? (100 * rates[i]!) / most : 0}%`
    const cells = lacks
      ? [element('td', { colSpan: 5, className: 'quiet' }, lacks)]
      : [
          cell(ms === undefined ? 'no clock tells' : ms.toPrecision(3)),
          cell(ms === undefined ? '' : rates[i]!.toFixed(1)),
          cell(ms && first ? (first / ms).toFixed(1) : ''),
          element('td', { className: 'rates' }, bar),
          cell(offBy === 0 ? '0' : offBy!.toExponential(0)),
        ]
    return element(
      'tr',
      { className: rung === chosen ? 'chosen' : '' },
      element('th', { scope: 'row' }, `${rung}${rung === race.taken ? ', taken here' : ''}`),
      cell(share(all[i]!.perProduct)),
      ...cells,
    )
  })
  const heads = head.map((t, i) =>
    t ? element('th', { scope: 'col', className: i && i !== 5 ? 'number' : '' }, t) : element('td'),
  )
  return element(
    'table',
    {},
    element('caption', { className: 'quiet' }, 'Measured on this adapter. Rungs take turns'),
    element('thead', {}, element('tr', {}, ...heads)),
    element('tbody', {}, ...rows),
  )
}

async function rungs(root: HTMLElement, live: Live): Promise<void> {
  let all: Owned[] = []
  let race: Race | undefined
  let measured = ''

  const place = (): { group: number; lane: number; who: number } => {
    const { lanes } = current()
    return { group: group.value, lane: lane.value, who: lane.value + lanes * group.value }
  }
  const current = (): Owned => all[RUNGS.indexOf(rung.value)]!
  const pixels = (): number => Number(size.value) ** 2
  const read = (): Options => ({
    channels: channels.value,
    filters: filters.value,
    size: Number(size.value) as Options['size'],
  })

  /** Draws what is known, for the rung, workgroup and lane that the controls say. */
  const draw = (): void => {
    const own = current()
    group.limit(own.workgroups - 1)
    lane.limit(own.lanes - 1)
    const at = place()
    const terms = 9 * channels.value
    const label = `The result, cut into ${count(own.workgroups, 'workgroup')} of ${count(own.lanes, 'lane')}`
    map.innerHTML = drawing(SIZE, tiles(own, pixels(), at.group, at.lane), label, 'ownership')
    caption.textContent =
      `The result y: ${filters.value} channels down, ${pixels()} pixels across. Boxes are workgroups, ` +
      'shades the lanes of one. Drag over them to choose a lane.'
    const seen = laneSeen(own, pixels(), at.who, terms)
    told.textContent = seen
      ? `Lane ${at.lane} of workgroup ${at.group} owns ${count(seen.channels, 'channel')} × ` +
        `${count(seen.pixels, 'pixel')}. For each of the ${terms} terms of their sums it loads ${share(seen.x)} ` +
        `${seen.wide === 4 ? 'vec4s of pixels' : 'pixels'} and ${share(seen.w)} weights from memory` +
        `${seen.shared ? `, and ${share(seen.shared)} vec4s from workgroup memory` : ''}: ` +
        `${share((seen.x + seen.w) / (seen.channels * seen.pixels))} loads a product.`
      : `Lane ${at.lane} of workgroup ${at.group} stores nothing: its tile lies past the end of the result.`
    five.replaceChildren(
      ...all.map(each => {
        const middle = each.owners[(pixels() + Math.sqrt(pixels())) / 2]!
        const inner = laneSeen(each, pixels(), middle, terms)!
        const text = `${share((inner.x + inner.w) / (inner.channels * inner.pixels))} loads a product`
        const figure = element('figure', { className: each.rung === rung.value ? 'lane-of chosen' : 'lane-of' })
        figure.innerHTML = drawing(LANE, products(inner), `A lane of the rung ${each.rung}: ${text}`, 'ownership')
        figure.append(element('figcaption', {}, element('strong', {}, each.rung), element('br'), text))
        return figure
      }),
    )
    if (race) table.replaceChildren(timesTable(all, race, rung.value))
    live.show({
      options: read(),
      rung: rung.value,
      ...at,
      seen,
      perProduct: all.map(each => each.perProduct),
      owners: [...own.owners],
      loads: { x: [...own.x], w: [...own.w], shared: [...own.shared] },
      race,
    })
  }
  const update = redrawn(root, async () => {
    const options = read()
    if (measured !== JSON.stringify(options)) {
      const made: Owned[] = []
      for (const name of RUNGS) made.push(await live.call<Owned>('owned', { ...options, rung: name }))
      all = made
      race = await live.call<Race>('raced', options)
      measured = JSON.stringify(options)
    }
    draw()
  })
  const change = (): void => void update()
  const rung = choice('The rung', NAMES, 'register', change)
  const size = choice('The map', SIZES, '16', change)
  const channels = slider({ label: 'Channels of x', min: 8, max: 64, step: 8, value: 32 }, change)
  const filters = slider({ label: 'Channels of y', min: 8, max: 64, step: 8, value: 64 }, change)
  const group = slider({ label: 'Workgroup', min: 0, max: 1023, step: 1, value: 0 }, change)
  const lane = slider({ label: 'Lane', min: 0, max: 255, step: 1, value: 5 }, change)

  const map = element('div', { className: 'outputs' })
  const caption = element('figcaption')
  const told = element('p', { className: 'quiet' })
  const five = element('div', { className: 'lanes' })
  const table = scrolling('Times of the rungs')
  dragged(map, (x, y) => {
    const output = outputAt(x * SIZE.width, y * SIZE.height, filters.value, pixels())
    if (!output) return
    const who = current().owners[output[0] * pixels() + output[1]]!
    group.set(Math.floor(who / current().lanes))
    lane.set(who % current().lanes)
    change()
  })

  root.append(
    element('div', { className: 'controls' }, ...[rung, group, lane].map(c => c.root)),
    element('figure', {}, map, caption),
    told,
    element('h3', {}, 'One term of the sums of a lane'),
    element(
      'p',
      { className: 'quiet' },
      'Below right, the products. Above and to the left, the pixels and weights that they need: filled as far as the ' +
        'lane loads them itself, hollow where another lane or workgroup memory gives them. ' +
        'A vec4 of four pixels is one load.',
    ),
    five,
    element('div', { className: 'controls' }, ...[size, channels, filters].map(c => c.root)),
    table,
  )
  await update()
}

export const figures: Figures = { rungs }
