/**
 * Weights of MobileNets from elsewhere: the names that libraries give them, and the conventions that they were trained
 * with. Here V1 has timm's names, and V2 torchvision's; the head is called `fc` while weights are loaded.
 *
 * | of | from | to |
 * | --- | --- | --- |
 * | V1 | Keras' layers: `conv1`, `conv1_bn` | `conv_stem`, `bn1` |
 * | | `conv_dw_7`, `conv_dw_7_bn`, `conv_pw_7`, `conv_pw_7_bn` | `conv_dw`, `bn1`, `conv_pw`, `bn2` of `blocks.3.1` |
 * | | `conv_preds`, a 1x1 convolution | `fc` |
 * | V1 | transformers: `mobilenet_v1.conv_stem.convolution`, `.normalization` | `conv_stem`, `bn1` |
 * | | `mobilenet_v1.layer.12`, `.13` | `conv_dw` with `bn1`, `conv_pw` with `bn2` of `blocks.3.1` |
 * | V2 | timm: `conv_stem`, `bn1`, `conv_head`, `bn2` | `features.0.0`, `.1`, `features.18.0`, `.1` |
 * | | `conv_pw`, `bn1`, `conv_dw`, `bn2`, `conv_pwl`, `bn3` of `blocks.1.0` | `0.0` to `3` of `features.2.conv` |
 * | both | `classifier`, `classifier.1` | `fc` |
 */
import type { BackboneConfig } from '../nn/backbone.ts'
import { V1, V1_STAGES, V2, V2_STAGES } from '../nn/mobilenet.ts'
import type { Conventions } from '../nn/mobilenet_parts.ts'

/** The way from a file's names to ours. */
export interface Naming {
  /** A tensor's name here; undefined if it is not wanted. */
  readonly nameOf: (name: string) => string | undefined
  /** Put behind the file's name in errors, which list names of ours. */
  readonly note: string
  /** The conventions that the weights expect, where the names tell. */
  readonly expects?: Conventions | undefined
}

/** timm trains V1 with PyTorch's padding, but keeps TensorFlow's normalisation of images. */
const TIMM_V1: Conventions = { padding: 'symmetric', eps: 1e-5, normalise: 'half' }

/** The end of a line on what was loaded: where a configuration has other conventions than the weights expect. */
export function expectations(expects: Conventions | undefined, config: BackboneConfig): string {
  if (!expects || !('width' in config)) return ''
  const has: Conventions = { ...(config.block === 'separable' ? V1 : V2), ...config }
  const differing = (['padding', 'eps', 'normalise'] as const).filter(key => has[key] !== expects[key])
  return differing
    .map(key => `; its weights expect ${key} ${expects[key]}, and the configuration has ${has[key]}`)
    .join('')
}

/** The naming of a MobileNet's state dict; undefined if it is of another network. */
export function mobileNetNaming(names: readonly string[]): Naming | undefined {
  const has = (name: RegExp) => names.some(n => name.test(n))
  if (has(/^conv_dw_1\.weight$/))
    return { nameOf: fromKeras, note: " (names of Keras' MobileNet, put into timm's)", expects: V1 }
  if (has(TRANSFORMERS_STEM) && has(/^(mobilenet_v1\.)?layer\.0\.convolution\.weight$/)) {
    const note = " (names of Hugging Face's transformers library, put into timm's)"
    return { nameOf: fromTransformers, note, expects: V1 }
  }
  if (has(/^features\.1\.conv\.0\.0\.weight$/)) return { nameOf: asItIs, note: '', expects: V2 }
  if (!has(/^conv_stem\.weight$/) || !has(/^blocks\.0\.0\.conv_dw\.weight$/) || has(/\.se\./)) return undefined
  if (!has(/\.conv_pwl\./)) return { nameOf: asItIs, note: '', expects: TIMM_V1 }
  return { nameOf: fromTimmV2, note: " (timm's names, put into torchvision's)", expects: V2 }
}

const asItIs = (name: string): string => name

/** The name of a tensor, with a MobileNet's head called `fc`. */
export const headAsFc = (name: string): string => name.replace(/^classifier(\.1)?\.(weight|bias)$/, 'fc.$2')

/** Names by which a network begins, behind a wrapper's prefix. */
export const MOBILENET_STEMS = [
  'conv_stem.weight',
  'features.0.0.weight',
  'conv_stem.convolution.weight',
  'mobilenet_v1.conv_stem.convolution.weight',
]

const TRANSFORMERS_STEM = /^(mobilenet_v1\.)?conv_stem\.convolution\.weight$/

/** timm's names of all blocks, in their order in the network. */
const blocksOf = (stages: typeof V1_STAGES | typeof V2_STAGES): string[] =>
  stages.flatMap(([, , count], stage) => Array.from({ length: count }, (_, block) => `blocks.${stage}.${block}`))
const v1Blocks = blocksOf(V1_STAGES)
const v2Blocks = blocksOf(V2_STAGES)

/** For a block that V1 does not have, its number, so that it stays an unexpected name. */
const v1Block = (i: number): string => v1Blocks[i] ?? `blocks.${i}`

const fromKeras = (name: string): string =>
  name
    .replace(/^conv1\./, 'conv_stem.')
    .replace(/^conv1_bn\./, 'bn1.')
    .replace(/^conv_preds\./, 'fc.')
    .replace(/^conv_(dw|pw)_(\d+)(_bn)?\./, (_, kind, i, norm) => {
      const layer = norm ? (kind === 'dw' ? 'bn1' : 'bn2') : `conv_${kind}`
      return `${v1Block(Number(i) - 1)}.${layer}.`
    })

const fromTransformers = (name: string): string =>
  name
    .replace(/^mobilenet_v1\./, '')
    .replace(/^conv_stem\.convolution\./, 'conv_stem.')
    .replace(/^conv_stem\.normalization\./, 'bn1.')
    .replace(/^layer\.(\d+)\.(convolution|normalization)\./, (_, i, kind) => {
      const second = Number(i) % 2
      const layer = kind === 'normalization' ? `bn${second + 1}` : second ? 'conv_pw' : 'conv_dw'
      return `${v1Block(Math.floor(Number(i) / 2))}.${layer}.`
    })

/** Places within `conv` of torchvision's first block, which does not widen, and of all others. */
const FIRST: Readonly<Record<string, string>> = { conv_dw: '0.0', bn1: '0.1', conv_pw: '1', bn2: '2' }
const OTHERS: Readonly<Record<string, string>> = {
  conv_pw: '0.0',
  bn1: '0.1',
  conv_dw: '1.0',
  bn2: '1.1',
  conv_pwl: '2',
  bn3: '3',
}

/** torchvision numbers blocks through all stages. The name of a block that V2 does not have stays an unexpected one. */
function fromTimmV2(name: string): string {
  const [, block, layer, rest] = /^(blocks\.\d+\.\d+)\.([^.]+)\.(.*)$/.exec(name) ?? []
  if (block) {
    const i = v2Blocks.indexOf(block)
    const place = (i ? OTHERS : FIRST)[layer!]
    return i >= 0 && place ? `features.${i + 1}.conv.${place}.${rest}` : name
  }
  const last = `features.${v2Blocks.length + 1}`
  return name
    .replace(/^conv_stem\./, 'features.0.0.')
    .replace(/^bn1\./, 'features.0.1.')
    .replace(/^conv_head\./, `${last}.0.`)
    .replace(/^bn2\./, `${last}.1.`)
}
