/** The chapter's drawings, for its live figure and for its picture: SVG text. */
import { text } from '../page/plot.ts'
import type { Owned } from './figure_worker.ts'

/** Outputs of one owner that form a rectangle: channels down, pixels across. */
interface Part {
  readonly who: number
  readonly x: number
  readonly y: number
  width: number
  height: number
}

/** The result, cut into the rectangles of its owners. */
export function parts(owners: ArrayLike<number>, pixels: number): Part[] {
  const channels = owners.length / pixels
  const done: Part[] = []
  /** Those that reach the column before. */
  let open: Part[] = []
  for (let x = 0; x < pixels; x++) {
    const column: Part[] = []
    for (let y = 0; y < channels; y++) {
      const who = owners[y * pixels + x]!
      const above = column.at(-1)
      if (above?.who === who) above.height++
      else column.push({ who, x, y, width: 1, height: 1 })
    }
    open = column.map(part => {
      const left = open.find(p => p.who === part.who && p.y === part.y && p.height === part.height)
      if (left) left.width++
      else done.push(part)
      return left ?? part
    })
  }
  return done
}

const f = (value: number): string => `${Math.round(100 * value) / 100}`
const rectangle = (kind: string, [x, y, width, height]: readonly number[], more = ''): string =>
  `<path class="${kind}"${more} d="M${f(x!)} ${f(y!)}h${f(width!)}v${f(height!)}h${f(-width!)}z"/>`

/** Width and height of the drawing of all outputs. */
export const SIZE = { width: 840, height: 174 } as const
const { width: WIDTH, height: HEIGHT } = SIZE
const [LEFT, TOP, RIGHT] = [34, 6, 6]

/** From a place of the drawing to an output: channel and pixel. undefined beside them. */
export function outputAt(x: number, y: number, channels: number, pixels: number): [number, number] | undefined {
  const channel = Math.floor(((y - TOP) * channels) / (HEIGHT - TOP - 16))
  const pixel = Math.floor(((x - LEFT) * pixels) / (WIDTH - LEFT - RIGHT))
  return channel >= 0 && pixel >= 0 && channel < channels && pixel < pixels ? [channel, pixel] : undefined
}

/** All outputs: the boxes of workgroups, the lanes of one of them in shades, and the outputs of one lane. */
export function tiles({ owners, lanes }: Owned, pixels: number, group: number, lane: number): string {
  const channels = owners.length / pixels
  const [sx, sy] = [(WIDTH - LEFT - RIGHT) / pixels, (HEIGHT - TOP - 16) / channels]
  const placed = ({ x, y, width, height }: Omit<Part, 'who'>): number[] => [
    LEFT + sx * x,
    TOP + sy * y,
    sx * width,
    sy * height,
  ]
  const boxes = new Map<number, { x: number; y: number; right: number; bottom: number }>()
  const inside: string[] = []
  const own: string[] = []
  for (const part of parts(owners, pixels)) {
    const of = Math.floor(part.who / lanes)
    const box = boxes.get(of) ?? { x: part.x, y: part.y, right: 0, bottom: 0 }
    box.x = Math.min(box.x, part.x)
    box.y = Math.min(box.y, part.y)
    box.right = Math.max(box.right, part.x + part.width)
    box.bottom = Math.max(box.bottom, part.y + part.height)
    boxes.set(of, box)
    const number = part.who % lanes
    if (of === group && number === lane) own.push(rectangle('lane', placed(part)))
    else if (of === group) inside.push(rectangle(`shade${(number + Math.floor(number / 16)) % 4}`, placed(part)))
  }
  const outlines = [...boxes].map(([of, { x, y, right, bottom }]) =>
    rectangle(of === group ? 'group chosen' : 'group', placed({ x, y, width: right - x, height: bottom - y })),
  )
  return (
    text(LEFT - 5, TOP + 10, 'end', '0') +
    text(LEFT - 5, HEIGHT - 16, 'end', `${channels - 1}`) +
    text(WIDTH - RIGHT, HEIGHT - 3, 'end', `pixel ${pixels - 1}`) +
    inside.join('') +
    outlines.join('') +
    own.join('')
  )
}

/** One lane's outputs and loads. */
export interface LaneSeen {
  readonly channels: number
  readonly pixels: number
  /** Loads of x, of w and from workgroup memory, for each term of the sum. */
  readonly x: number
  readonly w: number
  readonly shared: number
  /** Pixels that a load of x brings. */
  readonly wide: 1 | 4
}

/** A lane's share, from what its shader told; undefined where it stores nothing. */
export function laneSeen(owned: Owned, pixels: number, who: number, terms: number): LaneSeen | undefined {
  const mine = [...owned.owners.keys()].filter(i => owned.owners[i] === who)
  const [first] = mine
  if (first === undefined) return undefined
  const channels = new Set(mine.map(i => Math.floor(i / pixels))).size
  const each = (loads: Float32Array): number => loads[first]! / terms
  return {
    channels,
    pixels: mine.length / channels,
    x: each(owned.x),
    w: each(owned.w),
    shared: each(owned.shared),
    wide: owned.rung === 'rows 16' ? 4 : 1,
  }
}

/** Side of a square, and the size of the drawing of one lane. */
const SIDE = 11
export const LANE = { width: 132, height: 16 * SIDE + 50 } as const

/** One term of a lane's sums: its products, the pixels above and the weights beside them; what it loads is filled. */
export function products({ channels, pixels, x, w, wide }: LaneSeen): string {
  const [left, top] = [40, 36]
  const square = (kind: string, column: number, row: number, share: number): string => {
    const at = [left + column * SIDE, top + row * SIDE]
    const frame = rectangle(`number ${kind}`, [...at, SIDE - 2, SIDE - 2])
    return frame + (share > 0 ? rectangle(`loaded ${kind}`, [...at, (SIDE - 2) * Math.min(1, share), SIDE - 2]) : '')
  }
  const row = Array.from({ length: pixels }, (_, i) => square('x', i, -1.4, wide * x - i))
  const column = Array.from({ length: channels }, (_, i) => square('w', -1.4, i, w - i))
  const grid = Array.from({ length: channels * pixels }, (_, i) =>
    rectangle('product', [left + (i % pixels) * SIDE, top + Math.floor(i / pixels) * SIDE, SIDE - 2, SIDE - 2]),
  )
  return (
    `<text x="${left}" y="13">x</text><text x="${left - 2.6 * SIDE}" y="${top + 9}">w</text>` +
    row.join('') +
    column.join('') +
    grid.join('')
  )
}
