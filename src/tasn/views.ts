/**
 * The two views of an image (paper section 3.2): attention maps become a structure map and a detail map, and each map a
 * grid of places at which the image is read.
 */
import { detached, noGrad } from '../engine/tape.ts'
import { axes, type Tensor } from '../engine/tensor.ts'
import { liveMean, pickLive } from '../ops/attention.ts'
import { power, reshape } from '../ops/elementwise.ts'
import { max, mean } from '../ops/reduce.ts'
import { resizeBilinear } from '../ops/resize.ts'
import { type SamplerOptions, type SamplingGrid, samplingGrid } from '../ops/sampler.ts'
import type { TasnConfig } from './config.ts'

export interface MapConfig {
  /**
   * The channels whose maps the structure map averages. `all`, as the paper writes it. `live`: those that respond
   * anywhere in the image. The published MXNet code means that, too: it drops maps of equal sum. But its mask is in
   * sorted order and the channels are not, so it drops others (researchmm/tasn, issue 3).
   */
  structureChannels: 'live' | 'all'
  /**
   * Exponent of the structure map. 2 in the MXNet code: a map is a mean of features that are nowhere below zero, so its
   * floor is high, and the square gives it contrast. 1 in the PyTorch code.
   */
  gamma: number
  /** Exponent of the detail map; published: 1. */
  detailGamma: number
  /**
   * Source of the detail map: one `random` live channel an image, or (an ablation) the `mean` map too. It holds in
   * tests of the part heads as well, where the paper takes the mean.
   */
  detail: 'random' | 'mean'
  /**
   * Size, [height, width], to which a map is enlarged before it becomes a grid. undefined, as published: the image's
   * size. Less is cheaper.
   */
  mapSize: readonly [number, number] | undefined
  /**
   * The sampler's arithmetic.
   *
   * `mode` is half-pixel by default and not the published arithmetic (torch), because it covers the whole image,
   * mirrors its grid when the map is mirrored, and makes of a uniform map exactly a resize. The published one never
   * reaches the last pixels on the right and at the bottom.
   *
   * `dense` limits the magnification. With cap exact nothing exceeds it. The published rounds clip to it first and then
   * give back what they cut off, which lifts the peaks again: a single bright pixel in 512 ends at 4.99 with dense 4,
   * 25 % above.
   */
  sampler: Required<Omit<SamplerOptions, 'cap'>> & Pick<SamplerOptions, 'cap'>
}

/** A map (N,h,w) at the size of the features, and the grid made from it. */
export interface View {
  readonly map: Tensor
  readonly grid: SamplingGrid
}

/** The two views that the classifier learns from: master-net sees `structure`, part-net `detail`. */
export interface Views {
  readonly structure: View
  readonly detail: View
}

/** The largest value (N,C) of each channel of features (N,C,h,w): a dead channel has none above zero. */
export const largestOf = (features: Tensor): Tensor => noGrad(() => max(features, [2, 3]))

/**
 * The structure map (N,h,w): the mean of the attention maps (N,C,hw) of features (N,C,h,w). A dead channel is zero
 * everywhere. All dead channels of an image have one and the same map, and a mean over all channels would count it once
 * for each.
 */
export function structureMap(
  maps: Tensor,
  features: Tensor,
  channels: MapConfig['structureChannels'],
  largest = () => largestOf(features),
): Tensor {
  const [N, , H, W] = axes('structureMap', 'features', features, 'N C H W') as [number, number, number, number]
  return reshape(channels === 'live' ? liveMean(maps, largest()) : mean(maps, [1]), [N, H, W])
}

/**
 * The detail map (N,h,w): for each image the map of one live channel, picked by u (N) in [0,1). One at a time is
 * enough: over the epochs every channel has its turn, so hundreds of parts are learnt at the price of one.
 */
export function detailMap(maps: Tensor, features: Tensor, u: Tensor, largest = () => largestOf(features)): Tensor {
  const [N, , H, W] = axes('detailMap', 'features', features, 'N C H W') as [number, number, number, number]
  return reshape(pickLive(maps, largest(), u), [N, H, W])
}

/**
 * The grid of maps (N,h,w): each is resized to `mapSize`, raised to `gamma`, and turned into places in an image, one
 * for each pixel of a sample of size `out`.
 *
 * The sampler takes the maximum of every row and of every column, not the sum (the paper's F_x and F_y): a small part
 * keeps its full height, where a sum would dilute it with the rest of its row.
 */
export function gridOfMap(
  map: Tensor,
  image: readonly [number, number],
  out: readonly [number, number],
  gamma: number,
  { mapSize, sampler }: Pick<MapConfig, 'mapSize' | 'sampler'>,
): SamplingGrid {
  return samplingGrid(samplerInput(map, image, gamma, { mapSize, sampler }), image, out, sampler)
}

/** Maps (N,h,w) as the sampler takes them, (N,H,W): resized to `mapSize`, and raised to `gamma`. */
export function samplerInput(
  map: Tensor,
  image: readonly [number, number],
  gamma: number,
  { mapSize, sampler }: Pick<MapConfig, 'mapSize' | 'sampler'>,
): Tensor {
  const [N, h, w] = axes('samplerInput', 'map', map, 'N h w') as [number, number, number]
  const size = mapSize ?? image
  const resized = resizeBilinear(reshape(map, [N, 1, h, w]), size, { alignCorners: sampler.mode === 'torch' })
  return reshape(gamma === 1 ? resized : power(resized, gamma), [N, ...size])
}

type ViewConfig = Pick<TasnConfig, 'imageSize' | 'classifierSize' | 'maps'>

/** The structure view of attention maps (N,C,hw) of features (N,C,h,w). */
export function structureOf(attentionMaps: Tensor, features: Tensor, config: ViewConfig, largest?: () => Tensor): View {
  const { imageSize, classifierSize, maps } = config
  const map = structureMap(attentionMaps, features, maps.structureChannels, largest)
  return { map, grid: gridOfMap(map, imageSize, classifierSize, maps.gamma, maps) }
}

/** The detail view beside a structure view: by the channels that u (N) picks, or by the structure map. */
export function detailOf(
  attentionMaps: Tensor,
  features: Tensor,
  structure: View,
  { imageSize, classifierSize, maps }: ViewConfig,
  u?: Tensor,
  largest?: () => Tensor,
): View {
  const map = detached(u && maps.detail === 'random' ? detailMap(attentionMaps, features, u, largest) : structure.map)
  return { map, grid: gridOfMap(map, imageSize, classifierSize, maps.detailGamma, maps) }
}
