/** --pretrained and --pretrained-attention: first weights from files. */
import { Tasn } from '../tasn/network.ts'
import type { Plain } from '../tasn/plain.ts'
import { loadPretrained, loadPretrainedAttention } from '../tasn/pretrained.ts'
import type { Flags } from './flags.ts'

/** Loads them into a new model; returns a line on each. @throws where a file does not fit. */
export async function loadFirstWeights(
  model: Tasn | Plain,
  { pretrained, pretrainedAttention, arm }: Flags,
): Promise<string[]> {
  const said: string[] = []
  if (pretrained) {
    const heads = model instanceof Tasn ? [model.part, model.master, model.shared] : [model.shared]
    said.push(await loadPretrained(model.classifier, pretrained, heads))
  }
  if (pretrainedAttention) {
    if (!(model instanceof Tasn)) throw new Error(`--pretrained-attention: --arm ${arm} has no attention net`)
    said.push(await loadPretrainedAttention(model.attention, pretrainedAttention))
  }
  return said
}
