/** The panel Bench's half in the worker: measures, and stops between two pieces where it is told to. */
import { figuresOf } from '../../bench/figures.ts'
import { type Measured, measurements } from '../../bench/measurements.ts'
import { type Contestant, contest } from '../../bench/peers/contest.mjs'
import { ours } from '../../bench/peers/ours_contestant.ts'
import { type PeerRow, peerRows } from '../../bench/peers/rows.ts'
import type { Case } from '../../src/engine/tune/cases.ts'

import { labelOf } from '../../src/gpu/kernel.ts'
import { variant } from '../../src/gpu/variant.ts'
import { adapter, sentenceOn } from './answer.ts'
import { type BenchEvent, type Found, KERNELS, type RungOf, type Wishes } from './bench_messages.ts'
import type { Emit, Handlers } from './panel.ts'

/** Runs of a step, of which the median counts; fewer where it is to be quick. */
const RUNS = { usual: 11, quick: 5 }
/** Those of bench/peers/workload.mjs that a page can wait for. */
const PEER_CASES = ['matmul 512', 'conv 3x3', 'conv 1x1', 'batch norm', 'relu(a + b)', 'ResNet-18, 8 x 64x64']

let running = false
let stopped = false
/** The cases of the latest run, by their numbers: the shaders of their rungs can be asked for. */
let cases: Case[] = []

/** An error costs nothing that was measured before it. @throws where that is nothing. */
async function run(wishes: Wishes, emitAny: Emit): Promise<Found> {
  if (running) throw new Error('a benchmark is running: stop it first')
  if (stopped) throw new Error('It was stopped while it waited for the other panels.')
  running = true
  cases = []
  const emit: (event: BenchEvent) => void = emitAny
  const measured: Measured[] = []
  const { quick, kernels, steps, name } = wishes
  let peers: PeerRow[] = []
  let problem: string | undefined
  try {
    emit({ kind: 'note', text: 'measuring what this adapter can do at best' })
    const runs = quick ? RUNS.quick : RUNS.usual
    const pattern = KERNELS[kernels].wanted
    const wanted = pattern && ((kernel: string): boolean => pattern.test(kernel))
    let all = 0
    for await (const m of measurements({ wanted, quick, steps, runs })) {
      measured.push(m)
      if (m.kind === 'roofline') {
        all ||= m.left + 1
        emit({ kind: 'roofline', roofline: m.roofline })
      }
      if (m.kind === 'rungs') {
        emit({ kind: 'rungs', rows: m.rows, of: cases.push(m.of) - 1 })
        emit({ kind: 'note', text: `${m.rows[0]!.ladder}, ${m.rows[0]!.shape}` })
      }
      if (m.kind === 'untold') emit({ kind: 'note', text: `no clock here tells the time of ${m.of.ladder.name}` })
      if (m.kind === 'step') emit({ kind: 'step', row: m.row })
      emit({ kind: 'progress', done: all - m.left, all })
      if (stopped) break
    }
    if (!stopped) peers = await comparison(wishes.peers, runs, emit)
  } catch (error) {
    if (!measured.length) throw error
    problem = await sentenceOn(error)
  } finally {
    running = false
  }
  return { figures: figuresOf(measured, { adapter: adapter(), quick, name, peers }), ...(problem && { problem }) }
}

/** Ours, then the other libraries; each result is compared with ours. */
async function comparison(files: Wishes['peers'], runs: number, emit: (event: BenchEvent) => void): Promise<PeerRow[]> {
  if (!Object.keys(files).length) return []
  const results = new Map<string, Float32Array>()
  const rows = new Map<string, PeerRow[]>()
  const compete = async (library: string, contestant: () => Promise<Contestant>): Promise<void> => {
    emit({ kind: 'note', text: `the same work in ${library}` })
    await contest(await contestant(), {
      wanted: id => PEER_CASES.includes(id),
      runs,
      store: results,
      report(found) {
        rows.set(library, peerRows(library, found))
        emit({ kind: 'peers', rows: [...rows.values()].flat() })
        return !stopped
      },
    })
  }
  await compete('tasn-webgpu', async () => ours)
  for (const [library, file] of Object.entries(files)) {
    if (stopped) break
    try {
      const from = new URL(file, self.location.href).href
      await compete(library, async () => ((await import(from)) as { contestant(): Promise<Contestant> }).contestant())
    } catch (error) {
      const why = (error as Error).message
      emit({ kind: 'note', text: `${library} does not run here: ${why}` })
      rows.set(
        library,
        PEER_CASES.map(name => ({ case: name, part: 'forward', library, why })),
      )
      emit({ kind: 'peers', rows: [...rows.values()].flat() })
    }
  }
  return [...rows.values()].flat()
}

/** The WGSL that ran, with all constants in place. @throws where the rung was not measured. */
function wgsl({ of, rung }: RungOf): string {
  const c = cases[of]
  const found = c?.ladder.rungs.find(r => labelOf(r) === rung)
  if (!c || !found) throw new Error(`the latest run has measured no rung ${rung} in its case ${of}`)
  return variant(found, c.params).code
}

export const handlers: Handlers = {
  /** Called before run(), which may have to wait: a stop is meant for what comes after it. */
  begin() {
    stopped = false
  },
  run,
  stop() {
    stopped = true
  },
  wgsl,
}
