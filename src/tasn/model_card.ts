/** The model card: what a model file says of itself, so that it can be used without the run that made it. */
import type { TasnConfig } from './config.ts'

/** The model and its classes. Stored in the metadata of model.safetensors, as JSON under the key `tasn`. */
export interface ModelCard {
  readonly config: TasnConfig
  /** Names, in the order of the logits. */
  readonly classes: readonly string[]
}

/** The metadata of a model file. PyTorch's loaders ask for `format: pt`. */
export const modelMetadata = (card: ModelCard): Record<string, string> => ({ format: 'pt', tasn: JSON.stringify(card) })

/** Reads the card from a file's metadata. @throws if there is none, or it is damaged. */
export function readModelCard({ tasn }: Record<string, string>): ModelCard {
  if (tasn === undefined) {
    throw new Error(
      'this .safetensors file holds no model of TASN: a training writes one as model.safetensors into its folder ' +
        '(checkpoint.safetensors is for --resume)',
    )
  }
  const card = parsed(tasn)
  if (!card?.config || !Array.isArray(card.classes) || card.classes.length !== card.config.classes) {
    throw new Error(
      'the model file does not say which model and classes it holds (its metadata `tasn` is damaged): copy it from ' +
        "the run's folder again",
    )
  }
  return card as ModelCard
}

function parsed(json: string): Partial<ModelCard> | undefined {
  try {
    return JSON.parse(json) as Partial<ModelCard>
  } catch {
    return undefined
  }
}
