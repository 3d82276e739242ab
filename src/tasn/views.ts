/**
 * The two samples of TASN (paper section 3.2): from attention maps to a structure-preserved and a detail-preserved
 * image.
 */

import { noGrad } from '../engine/tape.ts'
import { axes, type Tensor } from '../engine/tensor.ts'
import { liveMean, pickLive } from '../ops/attention.ts'
import { power, reshape } from '../ops/elementwise.ts'
import { max, mean } from '../ops/reduce.ts'
import { resizeBilinear } from '../ops/resize.ts'
import { type SamplerOptions, type SamplingGrid, samplingGrid } from '../ops/sampler.ts'

export interface MapConfig {
  /**
   * Which channels the structure map averages: `live` ones (that respond anywhere), as the paper means it, or `all`.
   */
  structureChannels: 'live' | 'all'
  /**
   * Exponent of the structure map; 2 in the code that reached 87.0 % on CUB, for the floor of the maps is high. 1: as
   * in the paper.
   */
  gamma: number
  /** Exponent of the detail map; 1 in the published code. */
  detailGamma: number
  /** In training the detail map is one random live channel, or (an ablation) the mean map too. */
  detail: 'random' | 'mean'
  /**
   * Size to which a map is enlarged before it becomes a grid: that of the image if undefined, as published. Less is
   * cheaper.
   */
  mapSize: readonly [number, number] | undefined
  sampler: Required<Omit<SamplerOptions, 'cap'>> & Pick<SamplerOptions, 'cap'>
}

/** A map (N,h,w) at the size of the features, and the grid made from it. */
export interface View {
  readonly map: Tensor
  readonly grid: SamplingGrid
}
/** What the classifier is to look at. */
export interface Views {
  readonly structure: View
  readonly detail: View
}

/**
 * The structure map (N,h,w): the mean of all (live) attention maps. A dead channel, zero everywhere, says nothing about
 * the image, but its map would be the same for every dead channel and so would weigh in many times.
 */
export function structureMap(maps: Tensor, features: Tensor, channels: MapConfig['structureChannels']): Tensor {
  const [N, , H, W] = axes('structureMap', 'features', features, 'N C H W') as [number, number, number, number]
  return reshape(
    channels === 'live'
      ? liveMean(
          maps,
          noGrad(() => max(features, [2, 3])),
        )
      : mean(maps, [1]),
    [N, H, W],
  )
}

/**
 * The detail map (N,h,w): one live attention map per image, picked by u (N) in [0,1). One at a time is enough: over the
 * epochs every part has its turn, so hundreds of parts are learnt at the price of one.
 */
export function detailMap(maps: Tensor, features: Tensor, u: Tensor): Tensor {
  const [N, , H, W] = axes('detailMap', 'features', features, 'N C H W') as [number, number, number, number]
  return reshape(pickLive(maps, max(features, [2, 3]), u), [N, H, W])
}

/**
 * The grid of maps (N,h,w) for images of H x W: resized to `mapSize`, raised to `gamma`, then turned into positions.
 */
export function gridOfMap(
  map: Tensor,
  image: readonly [number, number],
  out: readonly [number, number],
  gamma: number,
  { mapSize, sampler }: Pick<MapConfig, 'mapSize' | 'sampler'>,
): SamplingGrid {
  const [N, h, w] = axes('gridOfMap', 'map', map, 'N h w') as [number, number, number]
  const size = mapSize ?? image
  const resized = resizeBilinear(reshape(map, [N, 1, h, w]), size, { alignCorners: sampler.mode === 'torch' })
  const A = reshape(gamma === 1 ? resized : power(resized, gamma), [N, ...size])
  return samplingGrid(A, image, out, sampler)
}
