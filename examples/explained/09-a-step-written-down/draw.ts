/** The chapter's drawing of a plan's memory, for its live figure and for its picture: SVG text. */
import { text } from '../page/plot.ts'
import type { Recorded } from './figure_worker.ts'

/** How blocks lie: as the plan has placed them, or each in memory of its own. */
export type Layout = 'planned' | 'apart'

export const SIZE = { width: 840, height: 380 } as const
const { width: WIDTH, height: HEIGHT } = SIZE
const [LEFT, TOP, RIGHT, BOTTOM] = [74, 10, 8, 24]
/** The launch that is shown first: the first of the classifier, which writes where the images have lain. */
export const SEEN = 47

const f = (value: number): string => `${Math.round(10 * value) / 10}`

/** The launch at a place of the drawing. */
export const launchAt = (x: number, launches: number): number =>
  Math.min(launches - 1, Math.max(0, Math.floor(((x - LEFT) * launches) / (WIDTH - LEFT - RIGHT))))

/** Bytes, in the unit that suits. */
export function bytesText(bytes: number): string {
  if (bytes < 1024) return `${bytes} bytes`
  return bytes < 2 ** 20 ? `${(bytes / 1024).toFixed(1)} KiB` : `${(bytes / 2 ** 20).toFixed(1)} MiB`
}

/** The first bytes of stretches that follow one another. */
function startsOf(bytes: readonly number[]): number[] {
  const starts: number[] = []
  let end = 0
  for (const n of bytes) {
    starts.push(end)
    end += n
  }
  return starts
}

/** The first byte of each block, with all buffers side by side; or with a place of its own for each block. */
export function places({ blocks, homes }: Recorded, layout: Layout): number[] {
  if (layout === 'apart') return startsOf(blocks.map(({ bytes }) => bytes))
  const starts = startsOf(homes)
  return blocks.map(({ home, offset }) => starts[home]! + offset)
}

/** Blocks that a launch reads and writes. */
export function boundBlocks({ launches }: Recorded, launch: number): { reads: Set<number>; writes: Set<number> } {
  const of = (writes: boolean): Set<number> =>
    new Set(launches[launch]!.bound.flatMap(b => (b.writes === writes && b.block !== undefined ? [b.block] : [])))
  return { reads: of(false), writes: of(true) }
}

/** Launches across, bytes up. A rectangle is a block: as wide as its life, as high as its bytes. */
export function memory(recorded: Recorded, layout: Layout, launch: number): string {
  const { blocks, launches, planned, unplanned, homes } = recorded
  const [W, H] = [WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM]
  const x = (i: number): number => LEFT + (W * i) / launches.length
  const y = (bytes: number): number => TOP + H * (1 - bytes / unplanned)
  const { reads, writes } = boundBlocks(recorded, launch)
  const at = places(recorded, layout)
  const drawn = blocks.map(({ bytes, first, last }, i) => {
    const end = Math.min(last + 1, launches.length)
    const kind = writes.has(i)
      ? 'writes'
      : reads.has(i)
        ? 'reads'
        : first <= launch && launch <= last
          ? 'alive'
          : 'other'
    const height = Math.max(0.6, y(at[i]!) - y(at[i]! + bytes))
    const from = f(x(first))
    return `<path class="block ${kind}" d="M${from} ${f(y(at[i]!))}H${f(x(end))}v${f(-height)}H${from}z"/>`
  })
  const level = (bytes: number, kind: string): string =>
    `<path class="${kind}" d="M${LEFT} ${f(y(bytes))}H${WIDTH - RIGHT}"/>`
  const borders = startsOf(homes).slice(1)
  return (
    (layout === 'planned' ? borders.map(bytes => level(bytes, 'line')).join('') : '') +
    drawn.join('') +
    level(planned, 'uniform') +
    `<path class="now" d="M${f((x(launch) + x(launch + 1)) / 2)} ${TOP}V${HEIGHT - BOTTOM}"/>` +
    text(LEFT - 5, y(0) + 3, 'end', '0') +
    text(LEFT - 5, y(planned) + 4, 'end', bytesText(planned).replace(' ', '\u00a0')) +
    text(LEFT - 5, y(unplanned) + 8, 'end', bytesText(unplanned).replace(' ', '\u00a0')) +
    text(LEFT, HEIGHT - 8, 'start', 'launch 0') +
    text(WIDTH - RIGHT, HEIGHT - 8, 'end', `${launches.length - 1}`)
  )
}
