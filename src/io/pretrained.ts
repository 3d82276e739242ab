/** Weights from elsewhere: a torchvision or timm state dict, as it is, into one of our ResNets. */
import type { ResNet } from '../models/resnet.ts'
import { readTensors } from './checkpoint.ts'

/**
 * Copies what fits into a ResNet made without classes. `fc` and `num_batches_tracked` are expected leftovers and ignored; anything
 * else missing, unexpected or of another shape is one error. Returns a line that says what was done.
 */
export async function loadPretrained(net: ResNet, file: string): Promise<string> {
  const { tensors } = await readTensors(file)
  const wanted = new Map([...tensors].filter(([name]) => !name.endsWith('num_batches_tracked') && !name.startsWith('fc.')))
  try {
    net.load(wanted)
  } catch (error) {
    throw new Error(`${file}: ${(error as Error).message}`)
  }
  return `${file}: ${wanted.size} tensors loaded`
}
