/** Declarations as a program for Node uses them. */
import { writeFile } from 'node:fs/promises'
import { Classifier } from 'tasn-webgpu'
import { type Dataset, decode, type Image, loadCub, readModel, saveCheckpoint, writeBirds } from 'tasn-webgpu/node'
import type { Training } from 'tasn-webgpu/train'

export async function recognise(model: string, photo: string): Promise<string> {
  const { width, height, rgb }: Image = await decode(photo, { upright: true })
  const [best] = await new Classifier(await readModel(model)).classify({ width, height, data: rgb })
  return best!.name
}

export async function birds(dir: string, training: Training): Promise<Dataset> {
  await writeBirds(dir, { seed: 0, train: 16, test: 16 })
  await saveCheckpoint(training, `${dir}/checkpoint.safetensors`)
  await writeFile(`${dir}/note.txt`, 'birds')
  return loadCub(dir)
}
// @ts-expect-error a photo has pixels
export const wrong = (photo: Image): string => photo.pixels
