/** The cause of numbers that are not finite: the steps since a checkpoint once more, with every launch looked at. */
import { FirstNotFinite, installDebug } from '../engine/debug.ts'
import { type Checkpoint, takeCheckpoint } from './checkpoint.ts'
import { NotFinite, train } from './loop.ts'
import type { Training } from './setup.ts'

/**
 * Trains `t` again from a checkpoint, eagerly and with CHECK on. Returns the first launch that wrote a number which is
 * not finite: its shader, the tensor, the step; undefined if there is none up to the place `until`. `t` is of no use
 * afterwards.
 *
 * @param until epoch and step in it, both from 0, at which the numbers were known not to be finite.
 * @param onStep is told of each step that was sound.
 */
export async function causeOf(
  t: Training,
  checkpoint: Checkpoint,
  until: readonly [epoch: number, step: number],
  onStep: (epoch: number, step: number) => void = () => {},
): Promise<string | undefined> {
  for (const plan of t.plans) plan.destroy()
  installDebug(true)
  const again: Training = { ...t, ...t.eagerly() }
  takeCheckpoint(again, checkpoint)
  // One step at a time, for then the step that fails is the one behind the last sound one.
  let { epochs: epoch, steps } = again.done
  try {
    for await (const event of train(again, { settle: () => true, evaluateEvery: Infinity })) {
      if (event.kind === 'epoch') [epoch, steps] = [epoch + 1, 0]
      if (event.kind !== 'step') continue
      steps = event.step + 1
      onStep(epoch, event.step)
      if (epoch > until[0] || (epoch === until[0] && steps > until[1])) break
    }
  } catch (error) {
    if (error instanceof FirstNotFinite) return `${error.place}, in epoch ${epoch + 1}, step ${steps + 1}`
    if (!(error instanceof NotFinite)) throw error
  }
  return undefined
}
