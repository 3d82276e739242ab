/** --attention-from: another run's attention net instead of epochs of one's own. */
import { runFolder } from './choice.ts'
import { ATTENTION_FILE } from './folder.ts'
import { attentionSettings, differences, learnsAlone, type RunConfig } from './settings.ts'

/** The file with the attention net of another run. @throws where its own epochs would not be the same here. */
export function sharedAttention(run: string, now: RunConfig): string {
  if (!learnsAlone(now))
    throw new Error(
      '--attention-from: in this run no attention net learns alone on a schedule of its own, so there is nothing ' +
        `to take from ${run} (attentionAfter is ${now.training.attentionAfter})`,
    )
  const other = runFolder('--attention-from', run)
  const changed = differences(attentionSettings(other.readJson('config.json') as RunConfig), attentionSettings(now))
  if (changed.length)
    throw new Error(
      `--attention-from: the attention net of ${run} is not the one that this run would train ` +
        `(${changed.slice(0, 3).join('; ')})`,
    )
  if (!other.has(ATTENTION_FILE))
    throw new Error(
      `--attention-from: ${other.path(ATTENTION_FILE)} is not there: it is written after that run's ` +
        `${now.training.attentionEpochs} epochs for the attention net`,
    )
  return other.path(ATTENTION_FILE)
}
