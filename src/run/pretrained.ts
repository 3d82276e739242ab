/** --pretrained and --pretrained-attention: first weights from files. */
import { Tasn } from '../tasn/network.ts'
import type { Plain } from '../tasn/plain.ts'
import { loadPretrained, loadPretrainedAttention } from '../tasn/pretrained.ts'
import { PRESETS } from '../train/presets.ts'
import type { Flags } from './flags.ts'

/**
 * The words for a preset that is made for trained weights and does not get them; undefined where all is well.
 * @param attends the model has an attention net.
 */
export function untrainedText({ preset, pretrained, pretrainedAttention }: Flags, attends: boolean) {
  const without = [
    ...(pretrained === undefined ? ['--pretrained'] : []),
    ...(attends && pretrainedAttention === undefined ? ['--pretrained-attention'] : []),
  ]
  return PRESETS[preset].pretrained && without.length
    ? `preset ${preset} is made for weights that were trained on ImageNet, and there is no ` +
        `${without.join(' and no ')}: it will be far less accurate (examples/README.md says where to get weights)`
    : undefined
}

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
