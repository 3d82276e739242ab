/**
 * Weights from elsewhere: a state dict of torchvision or timm as it is, or a file of our own, into one of our networks.
 */

import { readTensors } from '../io/checkpoint.ts'
import type { HostTensor } from '../io/safetensors.ts'
import type { Linear } from '../nn/layers.ts'
import type { Module } from '../nn/module.ts'
import type { ResNet } from '../nn/resnet.ts'
import type { AttentionNet } from './attention_net.ts'

type Named = Map<string, HostTensor>

/** What wrappers put in front of every name: DataParallel, Lightning, timm's and torchvision's feature extractors. */
const WRAPPERS = ['module.', 'model.', 'backbone.', 'resnet.', 'encoder.', 'net.', 'base_model.', '_orig_mod.']

/**
 * Loads a ResNet's weights for the classifier: torchvision's or timm's names, or a run's model.safetensors or
 * checkpoint.safetensors. The file's `fc` is copied into every one of `heads` if it has their shapes (the same classes)
 * and left out otherwise. Returns a line that says what was done.
 * @throws one error that lists whatever else is missing, unexpected or of another shape, before anything has changed.
 */
export async function loadPretrained(net: ResNet, file: string, heads: readonly Linear[] = []): Promise<string> {
  const tensors = await weights(file, 'classifier.', ['shared.', 'fc.'])
  return fill(net, tensors, heads, file)
}

/** The same for the attention net: a plain ResNet for its backbone, or all of it from a run of our own. */
export async function loadPretrainedAttention(net: AttentionNet, file: string): Promise<string> {
  const tensors = await weights(file, 'attention.')
  const heads = net.fc ? [net.fc] : []
  if (![...tensors.keys()].some(name => name.startsWith('backbone.'))) return fill(net.backbone, tensors, heads, file)
  // A model file has no classifier for the attention net, for recognition does without: what it would normalise keeps
  // its beginning.
  const bn = [...net.state().keys()].filter(name => name.startsWith('bn.'))
  const optional = bn.some(name => tensors.has(name)) ? [] : bn
  return fill(net, tensors, heads, file, optional)
}

/** The file's tensors without counters, optimiser and wrappers' prefixes; of a file of our own, those below `ours`. */
async function weights(file: string, ours: string, [rename, as]: readonly string[] = []): Promise<Named> {
  const { tensors } = await readTensors(
    file,
    name => !name.endsWith('num_batches_tracked') && !name.startsWith('optimizer.'),
  )
  const own =
    [...tensors.keys()].some(name => name.startsWith('attention.')) &&
    [...tensors.keys()].some(name => name.startsWith('classifier.'))
  if (own) {
    const mine = [...tensors].flatMap(([name, t]): [string, HostTensor][] =>
      name.startsWith(ours)
        ? [[name.slice(ours.length), t]]
        : rename && name.startsWith(rename)
          ? [[`${as}${name.slice(rename.length)}`, t]]
          : [],
    )
    return new Map(mine)
  }
  let named = [...tensors]
  for (
    let prefix: string | undefined;
    (prefix = WRAPPERS.find(w => named.length && named.every(([name]) => name.startsWith(w))));
  ) {
    named = named.map(([name, t]) => [name.slice(prefix!.length), t])
  }
  return new Map(named)
}

function fill(
  net: Module,
  tensors: Named,
  heads: readonly Linear[],
  file: string,
  optional: readonly string[] = [],
): string {
  const isHead = (name: string) => name === 'fc.weight' || name === 'fc.bias'
  const body = new Map([...tensors].filter(([name]) => !isHead(name)))
  const state = net.state()
  // What the file need not have keeps its value, by being left out of the comparison.
  const target = new Map([...state].filter(([name]) => !isHead(name) && !optional.includes(name)))
  const missing = [...target.keys()].filter(name => !body.has(name))
  const unexpected = [...body.keys()].filter(name => !target.has(name))
  const misshapen = [...body]
    .filter(([name, t]) => target.has(name) && `${target.get(name)!.shape}` !== `${t.shape}`)
    .map(([name, t]) => `${name} is [${t.shape}], the model has [${target.get(name)!.shape}]`)
  if (missing.length + unexpected.length + misshapen.length) {
    const list = (what: string, names: readonly string[]) =>
      names.length
        ? `\n  ${names.length} ${what}: ${names.slice(0, 6).join(', ')}${names.length > 6 ? ', ...' : ''}`
        : ''
    throw new Error(
      `${file} does not fit: it has ${describe([...body.keys()])}, and what is to be filled has ` +
        `${describe([...target.keys()])}` +
        `${list('missing', missing)}${list('unexpected', unexpected)}${list('of another shape', misshapen)}`,
    )
  }
  net.load(body, { partial: true })

  const [weight, bias] = [tensors.get('fc.weight'), tensors.get('fc.bias')]
  const line = `${file}: ${body.size} tensors loaded`
  if (!weight || !bias || !heads.length) return line
  const fits = heads.every(h => `${h.weight.shape}` === `${weight.shape}` && `${h.bias.shape}` === `${bias.shape}`)
  if (!fits) return `${line}; its fc [${weight.shape}] left out, for here it is [${heads[0]!.weight.shape}]`
  for (const h of heads)
    h.load(
      new Map([
        ['weight', weight],
        ['bias', bias],
      ]),
    )
  return `${line}, with fc [${weight.shape}]`
}

const KNOWN: Readonly<Record<string, string>> = {
  '2,2,2,2 basic': 'ResNet-18',
  '3,4,6,3 basic': 'ResNet-34',
  '3,4,6,3 bottleneck': 'ResNet-50',
  '3,4,23,3 bottleneck': 'ResNet-101',
  '3,8,36,3 bottleneck': 'ResNet-152',
}

/** What a network with these names looks like, for the reader of an error. */
function describe(names: readonly string[]): string {
  const plain = names.map(n => n.replace(/^backbone\./, ''))
  if (!plain.some(n => /^layer\d\.\d+\./.test(n))) return `no ResNet (its names begin ${names.slice(0, 3).join(', ')})`
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
