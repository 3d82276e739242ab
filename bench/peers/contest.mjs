/** Every contestant does this alike, in a page as in Node: takes turns with the cases, is compared, is timed. */
import { CASES, dyOf, inputsOf, RESNET } from './workload.mjs'

/** Gradients and results further away than this (relative, Euclidean norm) are wrong. */
const TOLERANCE = 1e-3
/** A contestant that is very slow is timed fewer times, but at least three. */
const BUDGET_MS = 30000

/**
 * Runs all cases whose name contains a word. `contestant` has
 *   op(case, inputs, dy) -> { forward(), both?(), read(): { y, gradients by input name }, free?() }   forward and both
 *   return when the result is there resnet() -> { step?(): loss, forward?(): loss }
 * and may have `without`: why something is missing, by 'both' and 'step'.
 *
 * `store` has the first contestant's results: get(name), and set(name, numbers), which is not called where they are
 * there. `report` gets all that was found after each case, so that whoever dies has said what it knew. Where it
 * returns false, the contest ends.
 */
export async function contest(contestant, { wanted, runs, store, report }) {
  const found = {}
  for (const c of CASES.filter(c => wanted(c.id))) {
    const row = {}
    found[c.id] = row
    try {
      const made = await contestant.op(c, inputsOf(c), dyOf(c))
      row.forward = await time(made.forward, runs)
      row.forward.wrong = check(store, c.id, { y: (await made.read('forward')).y })
      try {
        row.both = made.both ? await time(made.both, runs) : { why: contestant.without?.both ?? 'none' }
        if (made.both) row.both.wrong = check(store, c.id, await made.read('both'))
      } catch (error) {
        row.both = { why: reason(error) }
      }
      made.free?.()
    } catch (error) {
      row.forward = { why: reason(error) }
    }
    if (report(found) === false) return found
  }
  if (wanted(RESNET.id)) {
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
        }, runs)
        const first = { losses: Float32Array.from(losses.slice(0, 3)) }
        row[key].wrong = check(store, `${RESNET.id} ${part}`, first)
        net.free?.()
      } catch (error) {
        row[key] = { why: reason(error) }
      }
      if (report(found) === false) return found
    }
  }
  if (contestant.tiny && wanted('TASN tiny')) {
    found['TASN tiny, a training step'] = { both: await time(contestant.tiny, runs) }
    report(found)
  }
  return found
}

const reason = error => String(error?.message ?? error).slice(0, 160)

async function time(body, runs) {
  const times = []
  let spent = 0
  for (let i = -2; i < runs; i++) {
    const start = performance.now()
    await body()
    const ms = performance.now() - start
    spent += ms
    if (i >= 0) times.push(ms)
    if (times.length >= 3 && spent > BUDGET_MS) break
  }
  return { ms: times.sort((a, b) => a - b)[times.length >> 1], runs: times.length }
}

/** Compares with the results in the store, or puts them there. Returns the names of those that differ. */
function check(store, id, results) {
  return Object.entries(results)
    .filter(([what, got]) => {
      const name = `${id} ${what}`
      const want = store.get(name)
      if (!want) {
        store.set(name, got)
        return false
      }
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
