/** A run goes on from its own checkpoint, or from another run's attention net, or begins. */
import { copyFileSync } from 'node:fs'
import { takeAttention, takeCheckpoint } from '../train/save.ts'
import type { Training } from '../train/setup.ts'
import { ATTENTION_FILE, CHECKPOINT_FILE, type RunFolder } from './folder.ts'
import { epochsText } from './text.ts'

/**
 * Takes up the folder's checkpoint or, where there is none, the attention net in the file `attentionFrom`. Drops the
 * metrics of epochs that will be run again. Returns the lines to print about it.
 */
export async function takeUp(t: Training, folder: RunFolder, attentionFrom?: string): Promise<string[]> {
  const { epochs } = t.settings
  const said: string[] = []
  if (folder.has(CHECKPOINT_FILE)) {
    await takeCheckpoint(t, folder.path(CHECKPOINT_FILE))
    said.push(
      t.done.epochs < epochs
        ? `resuming after epoch ${t.done.epochs}`
        : `all ${epochsText(epochs)} of this run are done; --epochs can raise them`,
    )
  } else if (attentionFrom !== undefined) {
    await takeAttention(t, attentionFrom)
    // So that this run can be taken from as well.
    copyFileSync(attentionFrom, folder.path(ATTENTION_FILE))
    const n = t.done.epochs
    said.push(`the attention net's ${epochsText(n)} alone ${n > 1 ? 'are' : 'is'} taken from ${attentionFrom}`)
  }
  folder.keepMetrics(line => line.epoch <= t.done.epochs)
  if (t.attentionEpochs > t.done.epochs)
    said.push(`the attention net learns alone for ${epochsText(t.attentionEpochs)}${t.rests ? ', then it rests' : ''}`)
  return said
}
