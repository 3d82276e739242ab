/** A run goes on from its own checkpoint, or from another run's attention net, or begins. */
import { readFile, rm } from 'node:fs/promises'
import { writeWhole } from '../io/durable.ts'
import { takeAttention } from '../train/save.ts'
import type { Training } from '../train/setup.ts'
import { ATTENTION_FILE, REPORT_FILE, type RunFolder, SUMMARY_FILE } from './folder.ts'
import { PLAN_FILE, PROFILE_FILE } from './measured.ts'
import { PREDICTIONS_FILE } from './predictions.ts'
import { epochsText, placeText } from './text.ts'

/** Written at the end of a run, which writes each of them anew. */
const OF_THE_END = [SUMMARY_FILE, PLAN_FILE, PROFILE_FILE, PREDICTIONS_FILE, 'answers.json', 'pictures', REPORT_FILE]

/**
 * Goes on where `t` stands after a checkpoint was taken or, where there is none, from the attention net in the file
 * `attentionFrom`. Drops what the folder says of steps that will be run again. Returns the lines to print about it.
 */
export async function takeUp(
  t: Training,
  folder: RunFolder,
  { goesOn = false, attentionFrom }: { goesOn?: boolean; attentionFrom?: string | undefined } = {},
): Promise<string[]> {
  const { epochs } = t.settings
  const said: string[] = []
  if (goesOn) {
    const { epochs: done, steps } = t.done
    if (done === epochs) said.push(`all ${epochsText(epochs)} of this run are done; --epochs can raise them`)
    else if (done || steps) said.push(`resuming after ${placeText(t)}`)
  } else if (attentionFrom !== undefined) {
    await takeAttention(t, attentionFrom)
    // So that this run can be taken from as well.
    const bytes = await readFile(attentionFrom)
    await writeWhole(folder.path(ATTENTION_FILE), handle => handle.writeFile(bytes))
    const n = t.done.epochs
    said.push(`the attention net's ${epochsText(n)} alone ${n > 1 ? 'are' : 'is'} taken from ${attentionFrom}`)
  }
  const steps = t.done.epochs * t.stepsPerEpoch + t.done.steps
  await folder.metrics.keep(line => (line.step === undefined ? line.epoch <= t.done.epochs : line.step <= steps))
  // A longer run has no end yet: what an earlier end left is not what this run has learnt.
  if (t.done.epochs < epochs)
    for (const file of OF_THE_END) await rm(folder.path(file), { recursive: true, force: true })
  if (t.attentionEpochs > t.done.epochs)
    said.push(`the attention net learns alone for ${epochsText(t.attentionEpochs)}${t.rests ? ', then it rests' : ''}`)
  else if (t.rests && !t.attentionEpochs) said.push('the attention net does not learn: it stays as it was loaded')
  return said
}
