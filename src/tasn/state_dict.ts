/** State dicts, told apart and compared by the names and shapes of their tensors. */
import { printable, quote } from '../io/printable.ts'
import { comparison, type Described } from '../nn/module.ts'
import { MOBILENET_STEMS, mobileNetNaming, type Naming } from './mobilenet_names.ts'

const KNOWN: Readonly<Record<string, string>> = {
  '2,2,2,2 basic': 'ResNet-18',
  '3,4,6,3 basic': 'ResNet-34',
  '3,4,6,3 bottleneck': 'ResNet-50',
  '3,4,23,3 bottleneck': 'ResNet-101',
  '3,8,36,3 bottleneck': 'ResNet-152',
}

/** Describes the network with these tensor names, such as `ResNet-34 (3, 4, 6, 3 basic blocks)`. */
export function describeStateDict(names: readonly string[]): string {
  const has = (prefix: string) => names.some(n => n.startsWith(prefix))
  if (has('attention.') && has('classifier.')) return 'a model of TASN'
  const plain = names.map(n => n.replace(/^backbone\./, ''))
  if (plain.some(n => n.startsWith('features.1.conv.'))) return 'MobileNet V2'
  if (plain.includes('blocks.0.0.conv_dw.weight') && !plain.some(n => n.includes('.conv_pwl.'))) return 'MobileNet V1'
  if (!plain.some(n => /^layer\d\.\d+\./.test(n))) {
    const first = names.slice(0, 3).map(n => printable(n))
    return first.length ? `no ResNet or MobileNet (its names begin ${first.join(', ')})` : 'no tensors'
  }
  const blocks = [1, 2, 3, 4]
    .map(s => new Set(plain.flatMap(n => new RegExp(`^layer${s}\\.(\\d+)\\.`).exec(n)?.[1] ?? [])).size)
    .filter(n => n)
  const kind = plain.some(n => /\.conv3\.weight$/.test(n)) ? 'bottleneck' : 'basic'
  const known = KNOWN[`${blocks} ${kind}`]
  const deep = plain.includes('conv1.0.weight')
    ? " with a deep stem (timm's ...d variants, which are not supported)"
    : ''
  return `${known ?? 'a ResNet'} (${blocks.join(', ')} ${kind} blocks)${deep}`
}

/**
 * The way from a file's names to ours: without the prefix that a wrapper put before all of them (DataParallel,
 * Lightning, feature extractors), and from the names of Hugging Face's transformers library to torchvision's; for
 * MobileNets see ./mobilenet_names.ts. `note` says what was changed, for an error that lists the new names.
 */
export function namingOf(names: readonly string[]): Naming {
  const prefix = sharedPrefix(names)
  const behind = (name: string) => name.slice(prefix.length)
  const note = prefix ? ` (names behind ${quote(prefix)})` : ''
  const mobile = mobileNetNaming(names.map(behind))
  if (mobile) return { ...mobile, nameOf: name => mobile.nameOf(behind(name)), note: note + mobile.note }
  if (!names.some(n => n.endsWith(TRANSFORMERS_STEM))) return { nameOf: behind, note }
  const library = " (names of Hugging Face's transformers library, put into torchvision's)"
  return { nameOf: name => fromTransformers(behind(name)), note: note + library }
}

const TRANSFORMERS_STEM = 'embedder.embedder.convolution.weight'
/** The names that show where a network begins; conv1.0 is the deep stem of some variants. */
const STEMS = [
  'conv1.weight',
  'conv1.0.weight',
  'backbone.conv1.weight',
  TRANSFORMERS_STEM,
  `resnet.${TRANSFORMERS_STEM}`,
  ...MOBILENET_STEMS,
]

/** Everything up to the last dot that all names have in common, if a network begins behind it. */
function sharedPrefix(names: readonly string[]): string {
  const [first = '', ...others] = names
  let length = first.length
  for (const name of others) while (!name.startsWith(first.slice(0, length))) length--
  const prefix = first.slice(0, first.lastIndexOf('.', length - 1) + 1)
  return STEMS.some(stem => names.includes(prefix + stem)) ? prefix : ''
}

/** A name of transformers' ResNetForImageClassification as torchvision has it: modeling_resnet.py there. */
const fromTransformers = (name: string): string =>
  name
    .replace(/^resnet\./, '')
    .replace(/^classifier\.1\./, 'fc.')
    .replace(/^embedder\.embedder\.convolution\./, 'conv1.')
    .replace(/^embedder\.embedder\.normalization\./, 'bn1.')
    .replace(/^encoder\.stages\.([0-3])\./, (_, stage) => `layer${Number(stage) + 1}.`)
    .replace(/^(layer\d)\.layers\./, '$1.')
    .replace(/\.shortcut\.convolution\./, '.downsample.0.')
    .replace(/\.shortcut\.normalization\./, '.downsample.1.')
    .replace(/\.layer\.([0-2])\.(convolution|normalization)\./, (_, i, kind) => {
      return `.${kind === 'convolution' ? 'conv' : 'bn'}${Number(i) + 1}.`
    })

/**
 * Compares the tensors that a file has with those that are to be filled.
 *
 * @throws one error with all names that are missing, unexpected or of another shape.
 */
export function checkStateDict(have: Described, target: Described, file: string): void {
  const { text } = comparison(have, target, name => printable(name, 200))
  if (text)
    throw new Error(
      `${file} does not fit: it has ${describeStateDict([...have.keys()])}, and what is to be filled has ` +
        `${describeStateDict([...target.keys()])}${text}`,
    )
}
