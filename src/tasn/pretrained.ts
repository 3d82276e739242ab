/** Weights from elsewhere: a state dict of torchvision, timm or transformers, or a file of our own. */
import { readHeader, readTensors } from '../io/checkpoint.ts'
import { checkFinite } from '../io/finite.ts'
import type { Entry } from '../io/header.ts'
import { quote } from '../io/printable.ts'
import type { Backbone } from '../nn/backbone.ts'
import type { Linear } from '../nn/layers.ts'
import type { Conventions } from '../nn/mobilenet_parts.ts'
import type { Module } from '../nn/module.ts'
import type { AttentionNet } from './attention_net.ts'
import { expectations, headAsFc, type Naming } from './mobilenet_names.ts'
import { checkStateDict, namingOf } from './state_dict.ts'

/** The tensors of a file under a network's own names: what the file says of each, without its numbers. */
type Named = Map<string, Entry>

/** They, and the file as errors call it. */
interface Source {
  readonly tensors: Named
  readonly file: string
  /** The file's name, with a note where its tensors have other names than here. */
  readonly noted: string
  readonly expects?: Conventions | undefined
}

/** Tensors that are of no use here: counters of batch norms, and what an optimiser keeps. */
const USELESS = /num_batches_tracked$|^optimizer\./
/** The first convolution of a network in a file of our own. */
const OWN = /^(attention\.backbone|classifier)\.(conv1|conv_stem|features\.0\.0)\.weight$/

/**
 * Loads the weights of a ResNet or MobileNet for the classifier: names of torchvision, timm, transformers or Keras, or
 * a run's model.safetensors or checkpoint.safetensors. The file's head is copied into every one of `heads` if it has
 * their shapes, and left out otherwise. Returns a line that says what was done.
 *
 * @throws one error with all that is missing, unexpected or of another shape, or one that names a tensor with numbers
 *   that are not finite, before anything has changed.
 */
export async function loadPretrained(net: Backbone, file: string, heads: readonly Linear[] = []): Promise<string> {
  const source = await weightsIn(file, 'classifier.', ['shared.', 'fc.'])
  return (await loadInto(net, source, heads)) + expectations(source.expects, net.config)
}

/** Does the same for the attention net: a plain network becomes its backbone, a run of our own all of it. */
export async function loadPretrainedAttention(net: AttentionNet, file: string): Promise<string> {
  const source = await weightsIn(file, 'attention.')
  const heads = net.fc ? [net.fc] : []
  const ours = [...source.tensors.keys()].some(name => name.startsWith('backbone.'))
  if (!ours) return (await loadInto(net.backbone, source, heads)) + expectations(source.expects, net.backbone.config)
  // A model file has no head for the attention net, and so no batch norm before it: that one keeps its values.
  const bn = [...net.state().keys()].filter(name => name.startsWith('bn.'))
  const optional = bn.some(name => source.tensors.has(name)) ? [] : bn
  return loadInto(net, source, heads, optional)
}

/**
 * The weights in a file, without counters and optimiser, under a network's own names. From a file of our own only those
 * below the prefix `ours`, and with `rename` one prefix for another; otherwise all, without prefixes.
 */
async function weightsIn(file: string, ours: string, rename?: readonly [from: string, to: string]): Promise<Source> {
  const entries = (await readHeader(file)).entries.filter(({ name }) => !USELESS.test(name))
  const own = entries.some(({ name }) => OWN.test(name))
  const { nameOf, note, expects }: Naming = own ? ownNames(ours, rename) : namingOf(entries.map(e => e.name))
  const named = entries.flatMap((e): [string, Entry][] => {
    const found = nameOf(e.name)
    const name = found && headAsFc(found)
    return name === undefined ? [] : [[name, name === 'fc.weight' ? asMatrix(e) : e]]
  })
  const found: Named = new Map(named)
  if (own && !found.size)
    throw new Error(`${file} is of a run that has nothing below ${quote(ours)}: another run's file is needed`)
  const twice = named.find(([name, e]) => found.get(name) !== e)
  if (twice) throw new Error(`${file} has two tensors that would become ${quote(twice[0])}: it holds two networks`)
  return { tensors: found, file, noted: file + note, expects }
}

/** The head of a convolutional network is a 1x1 convolution in some libraries: (K,C,1,1) is (K,C) here. */
const asMatrix = (e: Entry): Entry =>
  e.shape.length === 4 && e.shape[2] === 1 && e.shape[3] === 1 ? { ...e, shape: e.shape.slice(0, 2) } : e

function ownNames(ours: string, rename?: readonly [from: string, to: string]): Naming {
  const nameOf = (name: string): string | undefined => {
    if (name.startsWith(ours)) return name.slice(ours.length)
    return rename && name.startsWith(rename[0]) ? rename[1] + name.slice(rename[0].length) : undefined
  }
  return { nameOf, note: '' }
}

async function loadInto(
  net: Module,
  { tensors, file, noted }: Source,
  heads: readonly Linear[],
  optional: readonly string[] = [],
): Promise<string> {
  const isHead = (name: string) => /^fc\.(weight|bias)$/.test(headAsFc(name))
  const body = new Map([...tensors].filter(([name]) => !isHead(name)))
  // Optional tensors that the file lacks keep their values, by being left out of the comparison.
  const target = new Map([...net.state()].filter(([name]) => !isHead(name) && !optional.includes(name)))
  checkStateDict(body, target, noted)
  const [weight, bias] = [tensors.get('fc.weight'), tensors.get('fc.bias')]
  const fc = weight && bias && heads.length ? { weight, bias } : undefined
  const fits =
    fc && heads.every(h => `${h.weight.shape}` === `${weight!.shape}` && `${h.bias.shape}` === `${bias!.shape}`)

  const wanted = new Set([...body.values(), ...(fits ? Object.values(fc) : [])].map(e => e.name))
  const read = await readTensors(file, name => wanted.has(name))
  checkFinite(read.tensors, file)
  const numbers = (entries: Iterable<readonly [string, Entry]>) =>
    new Map([...entries].map(([name, e]) => [name, { shape: e.shape, data: read.tensors.get(e.name)!.data }]))
  net.load(numbers(body), { partial: true })
  if (fits) for (const h of heads) h.load(numbers(Object.entries(fc)))
  const end = fits
    ? `, with fc [${weight!.shape}]`
    : fc
      ? `; its fc [${weight!.shape}] left out, for here it is [${heads[0]!.weight.shape}]`
      : ''
  return `${file}: ${body.size} tensors loaded${end}`
}
