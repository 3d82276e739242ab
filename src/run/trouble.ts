/** Trouble in the middle of a run: said with its cause, and with the command that goes on. */
import { DeviceLost, lossOfDevice, OutOfDeviceMemory } from '../gpu/device.ts'
import { NotFiniteTensor } from '../io/finite.ts'
import { causeOf } from '../train/cause.ts'
import { NotFinite } from '../train/loop.ts'
import type { Training } from '../train/setup.ts'
import { newestCheckpoint } from './checkpoints.ts'
import { resumeCommand } from './commands.ts'
import type { RunFolder } from './folder.ts'
import { progress } from './progress.ts'
import { Stopped } from './stop.ts'
import { placeText } from './text.ts'

/** The exit code of a run whose numbers are no longer finite: an ablation leaves its rate out. Node's end at 13. */
export const DIVERGED = 20

/**
 * The error that ended a training, as the user should read it. For numbers that are not finite, it looks for the
 * launch that wrote the first one, which takes as long as the steps since the last checkpoint did.
 */
export async function explained(error: unknown, t: Training, folder: RunFolder): Promise<Error> {
  const goOn = `go on with\n  ${resumeCommand(folder.dir)}`
  if (error instanceof Stopped) {
    error.message = `${error.message} after ${placeText(t)}; all of it is saved: ${goOn}`
    return error
  }
  const loss = error instanceof DeviceLost ? error : await lossOfDevice()
  if (loss) return loss
  const { message } = error as Error
  if (error instanceof OutOfDeviceMemory) return new Error(`${message}\n${roomText(t)}: ${goOn}`, { cause: error })
  const at = placeOfFault(error, t)
  if (!at) return new Error(`${message}\nWhat was saved is whole: ${goOn}`, { cause: error })
  const { lr, attentionLr } = t.settings
  // Trouble while looking must not hide what was found.
  const cause = await lookForCause(t, folder, at).catch(() => undefined)
  const lower = (rate: number) => Number((rate / 10).toPrecision(3))
  const diverged = new Error(
    `${message}${cause === undefined ? '' : `; the first number that was not finite was written by ${cause}`}. ` +
      'Nothing of it is saved. With lower rates, go on from the last checkpoint (or by --best, from the best one):\n' +
      `  ${resumeCommand(folder.dir, `--lr ${lower(lr)} --attention-lr ${lower(attentionLr)}`)}`,
    { cause: error },
  )
  return Object.assign(diverged, { exitCode: DIVERGED })
}

/** The share of a run's memory that a smaller batch should do with. */
const LESS = 0.75

function roomText(t: Training): string {
  const smaller = t.batchFor(LESS)
  const other = smaller
    ? `a new run with --batch ${smaller} takes at most ${100 * LESS} % of the memory`
    : 'a smaller --preset takes less'
  return `What was saved is whole. Other programs may hold the memory, and ${other}; once there is room, this run can`
}

/** The epoch and step by which numbers were not finite; undefined for another error. */
function placeOfFault(error: unknown, { done }: Training): readonly [number, number] | undefined {
  if (error instanceof NotFinite) return error.at
  return (error as Error).cause instanceof NotFiniteTensor ? [done.epochs, done.steps] : undefined
}

async function lookForCause(
  t: Training,
  folder: RunFolder,
  at: readonly [number, number],
): Promise<string | undefined> {
  const { checkpoint } = await newestCheckpoint(folder)
  if (!checkpoint) return undefined
  const { epochs, steps } = checkpoint.position
  const total = (at[0] - epochs) * t.stepsPerEpoch + at[1] + 1 - steps
  const bar = progress('looking for the cause', total)
  let done = 0
  try {
    return await causeOf(t, checkpoint, at, () => {
      bar.update(++done, 'steps')
    })
  } finally {
    bar.stop()
  }
}
