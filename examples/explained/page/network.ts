/** The demo's model as training has it, and images as it takes them: for figures about training. */
import { Random } from '../../../src/engine/random.ts'
import type { Tensor } from '../../../src/engine/tensor.ts'
import { persistent } from '../../../src/engine/transfer.ts'
import { onClose } from '../../../src/gpu/device.ts'
import { IMAGENET_MEAN, IMAGENET_STD } from '../../../src/ops/image.ts'
import type { TasnConfig } from '../../../src/tasn/config.ts'
import { readModelCard } from '../../../src/tasn/model_card.ts'
import { Tasn } from '../../../src/tasn/network.ts'
import type { Photo } from '../../../src/tasn/photo.ts'
import { bookFile } from './model.ts'

export interface Network {
  readonly model: Tasn
  readonly classes: readonly string[]
}

const made = new Map<string, Promise<Network>>()
onClose(() => made.clear())

/**
 * TASN with all its heads. The demo's file has only what runs at test time. So the heads of part-net and master-net
 * begin as copies of the shared one, and the attention net's own head is drawn anew, always the same. Batch norms go by
 * their running statistics. The device must be open.
 *
 * @param change fields of the configuration with other values.
 */
export function trainingNetwork(change: Partial<TasnConfig> = {}): Promise<Network> {
  const key = JSON.stringify(change)
  const known = made.get(key) ?? make(change)
  made.set(key, known)
  return known
}

async function make(change: Partial<TasnConfig>): Promise<Network> {
  const { tensors, metadata } = await bookFile()
  const { config, classes } = readModelCard(metadata, 'model.safetensors')
  const sampler = { ...config.maps.sampler, ...(change.samplerGradient && { cap: 'exact' as const }) }
  const model = new Tasn(new Random(1), { ...config, maps: { ...config.maps, sampler }, ...change }).train(false)
  const named = [...tensors].flatMap(([name, tensor]) => {
    const head = /^classifier\.fc\.(.*)$/.exec(name)?.[1]
    const names = head ? ['part', 'master', 'shared'].map(h => `${h}.${head}`) : [name]
    return names.map(n => [n, tensor] as const)
  })
  model.load(new Map(named), { partial: true })
  return { model, classes }
}

/** RGB images of one size as the model takes them, (N,3,H,W). The caller releases it. */
export function imagesOf(images: readonly Photo[]): Tensor {
  const { width, height } = images[0]!
  const n = width * height
  const planes = new Float32Array(images.length * 3 * n)
  for (const [k, { data }] of images.entries())
    for (let c = 0; c < 3; c++)
      for (let i = 0; i < n; i++)
        planes[(3 * k + c) * n + i] = (data[3 * i + c]! / 255 - IMAGENET_MEAN[c]!) / IMAGENET_STD[c]!
  return persistent([images.length, 3, height, width], planes)
}
