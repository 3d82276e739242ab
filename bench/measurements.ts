/** All that `npm run bench` and the page measure, one after the other, to be shown as it comes. */

import { type Case, caseText } from '../src/engine/tune/cases.ts'
import { machineClocks } from '../src/engine/tune/clocks.ts'
import { Stopwatch } from '../src/engine/tune/stopwatch.ts'
import { declaredLadders } from '../src/gpu/kernel.ts'
import { largeCases, tinyCases } from './cases.ts'
import { measureRoofline } from './roofline.ts'
import { QUICK, type RungRow, timeRungs, USUAL } from './rungs.ts'
import { better, type Roofline } from './share.ts'
import { type StepRow, timeStep } from './steps.ts'

/** A piece of the measurements. `left` pieces are to come. */
export type Measured = { readonly left: number } & (
  | { readonly kind: 'roofline'; readonly roofline: Roofline }
  /** The rungs of a ladder at a shape, the first one first. */
  | { readonly kind: 'rungs'; readonly of: Case; readonly rows: readonly RungRow[] }
  /** No clock here tells how long its rungs take. */
  | { readonly kind: 'untold'; readonly of: Case }
  | { readonly kind: 'step'; readonly row: StepRow }
)

export interface Selection {
  /** Chooses kernels by ladder and shape, `conv2d forward 8x64x56x56 -> 64, 3x3`. Without it none is timed. */
  readonly wanted?: ((kernel: string) => boolean) | undefined
  /** Fewer rounds, and no shapes but those of the preset `tiny`. */
  readonly quick: boolean
  /** Names of STEPS. */
  readonly steps: readonly string[]
  /** Runs of a step, of which the median counts. */
  readonly runs: number
}

/**
 * Measures the roofline, then rungs ladder by ladder, then steps. Ends with the roofline once more, for the machine may
 * have been busy at first: the last one told is the better of both. Who leaves the loop stops it: the memory of what is
 * being measured is given back.
 *
 * @throws where no kernel is as wanted, with the names of the ladders.
 */
export async function* measurements({ wanted, quick, steps, runs }: Selection): AsyncGenerator<Measured> {
  const all = wanted ? [...tinyCases(), ...(quick ? [] : largeCases())] : []
  const ladders = declaredLadders()
  const cases = ladders.flatMap(l => all.filter(c => c.ladder === l && wanted!(`${c.ladder.name} ${caseText(c)}`)))
  if (wanted && !cases.length)
    throw new Error(`no kernel is as wanted; the ladders are ${ladders.map(l => l.name).join(', ')}`)
  let left = cases.length + steps.length
  const roofline = await measureRoofline()
  yield { kind: 'roofline', roofline, left }
  const watch = new Stopwatch(machineClocks)
  for (const c of cases) {
    const rows = await timeRungs(c, watch, roofline, quick ? QUICK : USUAL)
    left--
    yield rows ? { kind: 'rungs', of: c, rows, left } : { kind: 'untold', of: c, left }
  }
  for (const name of steps) yield { kind: 'step', row: await timeStep(name, runs), left: --left }
  if (cases.length) yield { kind: 'roofline', roofline: better(roofline, await measureRoofline()), left }
}
