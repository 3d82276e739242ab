/**
 * Every contestant does this alike: take turns with the cases, compare results with the first contestant's, time,
 * report.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { CASES, RESNET } from './workload.mjs'

const [, , name, folder, only = '', runs = '7'] = process.argv

/** Gradients and results further away than this (relative, Euclidean norm) are wrong. */
const TOLERANCE = 1e-3
/** A contestant that is very slow is timed fewer times, but at least three. */
const BUDGET_MS = 30000

/**
 * Runs all cases. `contestant` has
 *   op(case, inputs, dy) -> { forward(), both?(), read(): { y, gradients by input name }, free?() }   forward and both
 *   return when the result is there resnet() -> { step?(): loss, forward?(): loss }
 * and may have `without`: why something is missing, by 'both' and 'step'.
 */
export async function compete(contestant, inputsOf, dyOf) {
  const found = {}
  for (const c of CASES.filter(c => c.id.includes(only))) {
    const row = {}
    found[c.id] = row
    try {
      const made = await contestant.op(c, inputsOf(c), dyOf(c))
      row.forward = await time(made.forward)
      row.forward.wrong = check(c.id, { y: (await made.read('forward')).y })
      try {
        row.both = made.both ? await time(made.both) : { why: contestant.without?.both ?? 'none' }
        if (made.both) row.both.wrong = check(c.id, await made.read('both'))
      } catch (error) {
        row.both = { why: String(error?.message ?? error).slice(0, 160) }
      }
      made.free?.()
    } catch (error) {
      row.forward = { why: String(error?.message ?? error).slice(0, 160) }
    }
    report(found)
  }
  if (RESNET.id.includes(only)) {
    const row = {}
    found[RESNET.id] = row
    for (const part of ['forward', 'step']) {
      const key = part === 'step' ? 'both' : 'forward'
      try {
        const net = await contestant.resnet()
        const run = net[part]
        const losses = []
        if (!run) {
          row[key] = { why: contestant.without?.step ?? 'none' }
          continue
        }
        row[key] = await time(async () => {
          losses.push(await run())
        })
        row[key].wrong = check(`${RESNET.id} ${part}`, { losses: Float32Array.from(losses.slice(0, 3)) })
      } catch (error) {
        row[key] = { why: String(error?.message ?? error).slice(0, 160) }
      }
      report(found)
    }
  }
  if (contestant.tiny && 'TASN tiny'.includes(only)) {
    found['TASN tiny, a training step'] = { both: await time(contestant.tiny) }
    report(found)
  }
}

async function time(body) {
  const times = []
  let spent = 0
  for (let i = -2; i < Number(runs); i++) {
    const start = performance.now()
    await body()
    const ms = performance.now() - start
    spent += ms
    if (i >= 0) times.push(ms)
    if (times.length >= 3 && spent > BUDGET_MS) break
  }
  return { ms: times.sort((a, b) => a - b)[times.length >> 1], runs: times.length }
}

/**
 * The first contestant's results are kept; the others' are compared with them. Returns the names of those that differ.
 */
function check(id, results) {
  return Object.entries(results)
    .filter(([what, got]) => {
      const file = join(folder, `${`${id} ${what}`.replaceAll(/[^\w]+/g, '-')}.f32`)
      if (!existsSync(file)) {
        writeFileSync(file, new Uint8Array(got.buffer, got.byteOffset, got.byteLength))
        return false
      }
      const bytes = readFileSync(file)
      const want = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength))
      let difference = 0
      let size = 0
      for (let i = 0; i < want.length; i++) {
        difference += (got[i] - want[i]) ** 2
        size += want[i] ** 2
      }
      return got.length !== want.length || !(Math.sqrt(difference / size) <= TOLERANCE)
    })
    .map(([what]) => what)
}

/** After every case, so that whoever dies has said what it knew. */
const report = found => {
  writeFileSync(join(folder, `${name}.json`), JSON.stringify(found))
}

// ---- layouts of peers that want channels last
// ------------------------------------------------------------------------------------

/** (A,B,H,W) -> (A,H,W,B), or back with `back`; shape is that of d. */
export const channelsLast = (d, [A, B, H, W]) => permute(d, [A, B, H, W], [0, 2, 3, 1])
export const channelsFirst = (d, [A, H, W, B]) => permute(d, [A, H, W, B], [0, 3, 1, 2])
/** (K,C,R,S) -> (R,S,C,K), and back. */
export const filterLast = (d, shape) => permute(d, shape, [2, 3, 1, 0])
export const filterFirst = (d, shape) => permute(d, shape, [3, 2, 0, 1])
export const transposed = (d, shape) => permute(d, [1, 1, ...shape], [0, 1, 3, 2])

function permute(d, shape, order) {
  const strides = shape.map((_, i) => shape.slice(i + 1).reduce((a, b) => a * b, 1))
  const out = new Float32Array(d.length)
  const [n0, n1, n2, n3] = order.map(i => shape[i])
  const [s0, s1, s2, s3] = order.map(i => strides[i])
  let at = 0
  for (let a = 0; a < n0; a++)
    for (let b = 0; b < n1; b++)
      for (let c = 0; c < n2; c++) for (let e = 0; e < n3; e++) out[at++] = d[a * s0 + b * s1 + c * s2 + e * s3]
  return out
}
