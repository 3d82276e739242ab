/** Model files: model.safetensors of a run, read for recognition. */
import { readHeader, readTensors } from '../io/checkpoint.ts'
import type { SafetensorsFile } from '../io/safetensors.ts'
import { readModelCard } from './model_card.ts'
import { checkStateDict } from './state_dict.ts'

/**
 * Reads a model file for a Classifier. The card and the tensors' shapes are compared before any number is read: a file
 * that is no model takes neither memory nor time.
 *
 * @throws an error that names the file, if it is not a model file.
 */
export async function readModel(file: string): Promise<SafetensorsFile> {
  const { entries, metadata } = await readHeader(file)
  checkStateDict(new Map(entries.map(e => [e.name, e])), readModelCard(metadata, file).shapes, file)
  return readTensors(file)
}
