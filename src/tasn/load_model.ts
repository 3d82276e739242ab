/** Model files from anywhere: model.safetensors of a run by its address, from a page's visitor, or as bytes. */
import type { SafetensorsFile } from '../io/safetensors.ts'
import { type FileSource, loadSafetensors } from '../io/source.ts'
import { readModelCard } from './model_card.ts'
import { checkStateDict } from './state_dict.ts'

/**
 * Loads a model file for a Classifier. In Node, readModel(file) reads one from the disk.
 *
 * @throws an error that names the source, if it cannot be had whole, is damaged, or is not a model file.
 */
export async function loadModel(source: FileSource): Promise<SafetensorsFile> {
  const content = await loadSafetensors(source)
  const name = content.file ?? 'the model file'
  checkStateDict(content.tensors, readModelCard(content.metadata, name).shapes, name)
  return content
}
