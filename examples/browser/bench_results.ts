/** The panel Bench's results: cards that fill as events come, and the shader of a rung that is asked for. */
import { digits } from '../../bench/markdown.ts'
import type { RungRow } from '../../bench/rungs.ts'
import { type Roofline, shareOf } from '../../bench/share.ts'
import type { StepRow } from '../../bench/steps.ts'
import type { BenchEvent, RungOf } from './bench_messages.ts'
import { ladderSummary, peerTable, rungTable, stepTable } from './bench_tables.ts'
import { element } from './dom.ts'
import { messageOf } from './messages.ts'
import type { Engine } from './panel.ts'

/** The cards of the tables: each shows when it has something to show. */
export function makeResults(engine: Engine) {
  const shader = element('pre', { tabIndex: 0 })
  const shaderCard = element(
    'div',
    { className: 'card', hidden: true },
    element('h2', {}, 'The shader that ran'),
    shader,
  )
  const roofline = element('div', { className: 'card', hidden: true })
  const ladders = element('div', { className: 'card', hidden: true })
  const steps = element('div', { className: 'card scroll', hidden: true })
  const peers = element('div', { className: 'card scroll', hidden: true })
  const root = element('div', { className: 'stack' }, roofline, ladders, shaderCard, steps, peers)

  const showShader = async ({ shape, rung }: RungRow, of: number): Promise<void> => {
    shader.textContent = await engine
      .call<string>('bench', 'wgsl', { of, rung } satisfies RungOf)
      .catch((error: unknown) => messageOf(error))
    shaderCard.firstElementChild!.textContent = `The shader that ran: ${rung}, ${shape}`
    shaderCard.hidden = false
    shaderCard.scrollIntoView({ block: 'nearest' })
  }

  /** The cases of each ladder, with their numbers. */
  const cases = new Map<string, { readonly of: number; readonly rows: readonly RungRow[] }[]>()
  const rooms = new Map<string, { summary: HTMLElement; body: HTMLElement }>()
  const addRungs = (rows: readonly RungRow[], of: number): void => {
    const [{ ladder }] = rows as [RungRow]
    const all = [...(cases.get(ladder) ?? []), { of, rows }]
    cases.set(ladder, all)
    let room = rooms.get(ladder)
    if (!room) {
      room = { summary: element('summary'), body: element('div', { className: 'stack' }) }
      rooms.set(ladder, room)
      ladders.append(element('details', { open: rooms.size === 1 }, room.summary, room.body))
    }
    room.summary.replaceChildren(
      ...ladderSummary(
        ladder,
        all.flatMap(c => c.rows),
      ),
    )
    room.body.append(rungTable(rows, row => void showShader(row, of)))
    ladders.hidden = false
  }
  const showRoofline = ({ gflops, gigabytes }: Roofline): void => {
    roofline.replaceChildren(
      element('h2', {}, 'The best that this adapter can do'),
      element(
        'div',
        { className: 'figures' },
        element('p', {}, element('strong', {}, digits(gflops)), ' GFLOP/s of multiply-adds'),
        element('p', {}, element('strong', {}, digits(gigabytes)), ' GB/s of copying'),
      ),
      element(
        'p',
        { className: 'quiet' },
        'Measured by two shaders that do nothing else: multiply-adds out of registers, and copying 64 MiB. A bar is ' +
          'the share of it: (multiplications and additions ÷ time) ÷ multiply-adds where a kernel counts its ' +
          'arithmetic, else (bytes of all bound tensors ÷ time) ÷ copying. What stays in a cache may pass 100 %.',
      ),
    )
    roofline.hidden = false
    // Measured once more at the end, it may be better: then all bars are shorter.
    for (const [ladder, all] of cases) {
      cases.set(ladder, [])
      rooms.get(ladder)!.body.replaceChildren()
      for (const { rows, of } of all)
        addRungs(
          rows.map(r => ({ ...r, ofPeak: shareOf(r, { gflops, gigabytes }) })),
          of,
        )
    }
  }
  const stepRows: StepRow[] = []
  return {
    root,
    clear() {
      cases.clear()
      rooms.clear()
      stepRows.length = 0
      ladders.replaceChildren(
        element('h2', {}, 'Rungs'),
        element(
          'p',
          { className: 'quiet' },
          'Each kernel is a ladder: rungs that compute the same, from the one to read to the one to run. The bar of ' +
            'a ladder is that of the rungs which ops take, over a step. A rung’s name shows its shader.',
        ),
      )
      for (const card of [roofline, ladders, shaderCard, steps, peers]) card.hidden = true
    },
    show(event: BenchEvent) {
      if (event.kind === 'roofline') showRoofline(event.roofline)
      if (event.kind === 'rungs') addRungs(event.rows, event.of)
      if (event.kind === 'step') {
        stepRows.push(event.row)
        steps.replaceChildren(
          element('h2', {}, 'Whole training steps'),
          stepTable(stepRows),
          element(
            'p',
            { className: 'quiet' },
            'GFLOP/s counts convolutions and matrix products. The first step includes recording, tuning and ' +
              'compiling; what this page has compiled before is not compiled again.',
          ),
        )
        steps.hidden = false
      }
      if (event.kind === 'peers') {
        peers.replaceChildren(element('h2', {}, 'The same work elsewhere'), peerTable(event.rows))
        peers.hidden = false
      }
    },
  }
}
