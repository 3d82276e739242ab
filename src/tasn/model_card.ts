/** The model card: what a model file says of itself, so that it can be used without the run that made it. */
import { parsed } from '../io/json.ts'
import { printable } from '../io/printable.ts'
import { faultOf } from './card_rules.ts'
import type { TasnConfig } from './config.ts'
import { type ModelSize, modelSize } from './model_size.ts'

/** The model and its classes. Stored in the metadata of model.safetensors, as JSON under the key `tasn`. */
export interface ModelCard {
  readonly config: TasnConfig
  /** Names, in the order of the logits. */
  readonly classes: readonly string[]
}

/** The metadata of a model file. PyTorch's loaders ask for `format: pt`. */
export const modelMetadata = (card: ModelCard): Record<string, string> => ({ format: 'pt', tasn: JSON.stringify(card) })

/**
 * Limits of a model that is read. Preset paper has 24 thousand million multiplications, and 62 million numbers in
 * weights and in the tensors on an image's way; with samples of 336 pixels, 76 million numbers.
 */
const MOST = { multiplications: 2.5e11, numbers: 9e7 } as const

/**
 * Reads the card from a file's metadata, and the shapes of the tensors that it implies. Control characters in the names
 * of classes are shown as `\u{1b}`.
 *
 * @param file the file's name in errors.
 * @throws if there is no card, it breaks a rule, or its model is too large to come from a training of this project.
 */
export function readModelCard({ tasn }: Record<string, string>, file: string): ModelCard & Pick<ModelSize, 'shapes'> {
  if (tasn === undefined) {
    throw new Error(
      `${file} holds no model of TASN: a training writes one as model.safetensors into its folder ` +
        '(checkpoint.safetensors is for --resume)',
    )
  }
  const card = parsed(tasn)
  const fault = faultOf(card)
  if (fault !== undefined)
    throw new Error(
      `${file} does not say which model and classes it holds (its metadata \`tasn\` is damaged: ${fault}): copy it ` +
        "from the run's folder again",
    )
  const { config, classes } = card as ModelCard
  const { shapes, weights, activations, products } = modelSize(config)
  const size = { multiplications: products, numbers: weights + activations }
  for (const [what, most] of Object.entries(MOST) as [keyof typeof MOST, number][])
    if (size[what] > most)
      throw new Error(
        `${file} describes a model of ${size[what]} ${what}, the limit is ${most}: it is damaged, or does not come ` +
          'from a training of this project',
      )
  return { config, classes: classes.map(name => printable(name, 300)), shapes }
}
