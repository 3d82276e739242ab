/** --pretrained and --pretrained-attention: first weights from files. */
import { existsSync } from 'node:fs'
import { readHeader } from '../io/checkpoint.ts'
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

/** Does what an option's file is for. @throws an error that begins with the option. */
async function named<T>(option: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw new Error(`${option}: ${(error as Error).message}`, { cause: error })
  }
}

/**
 * Reads the headers of the files alone: what is no file of weights is told before a long verification of images.
 * @throws an error that begins with the flag.
 */
export async function checkFirstWeights({ pretrained, pretrainedAttention }: Partial<Flags>): Promise<void> {
  const files = { '--pretrained': pretrained, '--pretrained-attention': pretrainedAttention }
  for (const [option, file] of Object.entries(files))
    await named(option, async () => {
      if (file === undefined) return
      if (!existsSync(file))
        throw new Error(`there is no file ${file}; examples/README.md#presets says where to get weights`)
      await readHeader(file)
    })
}

/** Loads them into a new model; returns a line on each. @throws where a file does not fit, beginning with the flag. */
export async function loadFirstWeights(
  model: Tasn | Plain,
  { pretrained, pretrainedAttention, arm }: Flags,
): Promise<string[]> {
  const said: string[] = []
  if (pretrained) {
    const heads = model instanceof Tasn ? [model.part, model.master, model.shared] : [model.shared]
    said.push(await named('--pretrained', () => loadPretrained(model.classifier, pretrained, heads)))
  }
  if (pretrainedAttention) {
    if (!(model instanceof Tasn)) throw new Error(`--pretrained-attention: --arm ${arm} has no attention net`)
    const { attention } = model
    said.push(await named('--pretrained-attention', () => loadPretrainedAttention(attention, pretrainedAttention)))
  }
  return said
}
