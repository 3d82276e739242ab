/** The confusion matrix on a canvas: 200 classes are 40,000 cells. */
import type { Confusion } from '../page_data.ts'
import { styled } from './format.ts'

const LARGEST_CELL = 34
/** Side of the whole, at most: what it says of a cell stands below it. */
const LARGEST = 680
/** Cells from this size on have names beside them, and from that size on numbers in them. */
const NAMES_FROM = 12
const NUMBERS_FROM = 20
const MOST_ROOM = 150

/** Lets the pointer and the arrow keys move over the matrix. Returns the function that draws it. */
export function startMatrix({ classes, counts }: Confusion): () => void {
  const canvas = document.getElementById('matrix') as HTMLCanvasElement
  const words = document.getElementById('cell')!
  const K = classes.length
  const count = new Map(counts.map(([label, answer, n]) => [label * K + answer, n]))
  const images = classes.map((_, label) => counts.reduce((n, [l, , m]) => n + (l === label ? m : 0), 0))
  let [cell, room] = [0, 0]
  let at: [label: number, answer: number] | undefined

  function draw(): void {
    const width = Math.min(LARGEST, canvas.parentElement!.clientWidth)
    room = Math.min(MOST_ROOM, width / 3)
    cell = Math.min(LARGEST_CELL, (width - room) / K)
    if (cell < NAMES_FROM) {
      room = 0
      cell = Math.min(LARGEST_CELL, width / K)
    }
    const side = room + cell * K
    const scale = devicePixelRatio
    canvas.style.width = canvas.style.height = `${side}px`
    canvas.width = canvas.height = Math.round(side * scale)
    const c = canvas.getContext('2d')!
    c.scale(scale, scale)
    c.fillStyle = styled('cell')
    c.fillRect(room, room, cell * K, cell * K)
    for (const [key, n] of count) cellAt(c, Math.floor(key / K), key % K, n)
    if (cell >= NAMES_FROM) names(c)
    if (!at) return
    c.lineWidth = 2
    c.strokeStyle = styled('ink')
    c.strokeRect(room + at[1] * cell - 1, room + at[0] * cell - 1, cell + 2, cell + 2)
  }

  /** Right answers in one colour, wrong ones in another; the fuller, the larger their share of the class. */
  function cellAt(c: CanvasRenderingContext2D, label: number, answer: number, n: number): void {
    const share = n / images[label]!
    const [x, y] = [room + answer * cell, room + label * cell]
    const gap = cell > 6 ? 1 : 0
    c.globalAlpha = 0.15 + 0.85 * Math.sqrt(share)
    c.fillStyle = styled(label === answer ? 'right' : 'wrong')
    c.fillRect(x, y, cell - gap, cell - gap)
    c.globalAlpha = 1
    if (cell < NUMBERS_FROM) return
    c.fillStyle = share > 0.35 ? styled('paper') : styled('ink')
    c.font = `${Math.min(13, cell / 2)}px system-ui, sans-serif`
    c.textAlign = 'center'
    c.textBaseline = 'middle'
    c.fillText(`${n}`, x + cell / 2, y + cell / 2)
  }

  function names(c: CanvasRenderingContext2D): void {
    const size = Math.min(13, cell - 1)
    c.font = `${size}px system-ui, sans-serif`
    c.fillStyle = styled('ink-2')
    c.textAlign = 'right'
    c.textBaseline = 'middle'
    const fit = (name: string) => {
      let text = name
      while (text.length > 2 && c.measureText(text).width > room - 8) text = `${text.slice(0, -2).trimEnd()}…`
      return text
    }
    for (const [k, name] of classes.entries()) {
      const middle = room + (k + 0.5) * cell
      c.fillText(fit(name), room - 6, middle)
      c.save()
      c.translate(middle, room - 6)
      c.rotate(Math.PI / 2)
      c.fillText(fit(name), 0, 0)
      c.restore()
    }
  }

  function show(to: [number, number] | undefined): void {
    at = to
    draw()
    if (!to) {
      words.textContent = '\u00a0'
      return
    }
    const [label, answer] = to
    const n = count.get(label * K + answer) ?? 0
    const verb = label === answer ? 'rightly named so' : `taken for ${classes[answer]}`
    words.textContent = `${classes[label]}: ${n} of ${images[label]} ${verb}`
  }

  const inside = (v: number) => Math.min(K - 1, Math.max(0, v))
  canvas.addEventListener('pointermove', event => {
    const box = canvas.getBoundingClientRect()
    const [answer, label] = [event.clientX - box.left, event.clientY - box.top].map(v => Math.floor((v - room) / cell))
    show(answer! < 0 || label! < 0 || answer! >= K || label! >= K ? undefined : [label!, answer!])
  })
  canvas.addEventListener('pointerleave', () => show(undefined))
  canvas.addEventListener('keydown', event => {
    const moves: Record<string, [number, number]> = {
      ArrowUp: [-1, 0],
      ArrowDown: [1, 0],
      ArrowLeft: [0, -1],
      ArrowRight: [0, 1],
    }
    const move = moves[event.key]
    if (!move) return
    event.preventDefault()
    show(at ? [inside(at[0] + move[0]), inside(at[1] + move[1])] : [0, 0])
  })
  new ResizeObserver(draw).observe(canvas.parentElement!)
  return draw
}
