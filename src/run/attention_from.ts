/** --attention-from: another run's attention net instead of epochs of one's own. */
import type { Dataset } from '../data/dataset.ts'
import { fingerprintDifferences, fingerprintOf } from '../data/fingerprint.ts'
import { runFolder } from './choice.ts'
import { readConfig } from './config.ts'
import { ATTENTION_FILE } from './folder.ts'
import { attentionSettings, differences, learnsAlone, type RunConfig } from './settings.ts'

/** The file with the attention net of another run. @throws where its own epochs would not be the same here. */
export function sharedAttention(run: string, now: RunConfig, dataset?: Dataset): string {
  if (!learnsAlone(now))
    throw new Error(
      '--attention-from: in this run no attention net learns alone on a schedule of its own, so there is nothing ' +
        `to take from ${run} (attentionAfter is ${now.training.attentionAfter})`,
    )
  const other = runFolder('--attention-from', run)
  const then = readConfig(other)
  // Where the fingerprint of the data is known, their place does not matter.
  const prints =
    then.data && dataset ? fingerprintDifferences(then.data.fingerprint, fingerprintOf(dataset)) : undefined
  const flags = prints ? { ...then.flags, data: now.flags.data } : then.flags
  const changed = [...(prints ?? []), ...differences(attentionSettings({ ...then, flags }), attentionSettings(now))]
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
