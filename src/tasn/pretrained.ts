/** Weights from elsewhere: torchvision's or timm's state dict, or a file of our own, loaded into our networks. */
import { readTensors } from '../io/checkpoint.ts'
import type { HostTensor } from '../io/safetensors.ts'
import type { Linear } from '../nn/layers.ts'
import type { Module } from '../nn/module.ts'
import type { ResNet } from '../nn/resnet.ts'
import type { AttentionNet } from './attention_net.ts'
import { describeStateDict } from './state_dict.ts'

type Named = Map<string, HostTensor>

/** Prefixes that wrappers put before every name: DataParallel, Lightning, timm's and torchvision's extractors. */
const WRAPPERS = ['module.', 'model.', 'backbone.', 'resnet.', 'encoder.', 'net.', 'base_model.', '_orig_mod.']

/**
 * Loads a ResNet's weights for the classifier: torchvision's or timm's names, or a run's model.safetensors or
 * checkpoint.safetensors. The file's `fc` is copied into every one of `heads` if it has their shapes, and left out
 * otherwise. Returns a line that says what was done.
 *
 * @throws one error with all that is missing, unexpected or of another shape, before anything has changed.
 */
export async function loadPretrained(net: ResNet, file: string, heads: readonly Linear[] = []): Promise<string> {
  const tensors = await readWeights(file, 'classifier.', ['shared.', 'fc.'])
  return loadInto(net, tensors, heads, file)
}

/** Does the same for the attention net: a plain ResNet becomes its backbone, a run of our own all of it. */
export async function loadPretrainedAttention(net: AttentionNet, file: string): Promise<string> {
  const tensors = await readWeights(file, 'attention.')
  const heads = net.fc ? [net.fc] : []
  const ours = [...tensors.keys()].some(name => name.startsWith('backbone.'))
  if (!ours) return loadInto(net.backbone, tensors, heads, file)
  // A model file has no head for the attention net, and so no batch norm before it: that one keeps its values.
  const bn = [...net.state().keys()].filter(name => name.startsWith('bn.'))
  const optional = bn.some(name => tensors.has(name)) ? [] : bn
  return loadInto(net, tensors, heads, file, optional)
}

/**
 * The weights in a file, without counters and optimiser, under a network's own names. From a file of our own only those
 * below the prefix `ours`, and with `rename` one prefix for another; otherwise all, without wrappers' prefixes.
 */
async function readWeights(file: string, ours: string, rename?: readonly [from: string, to: string]): Promise<Named> {
  const { tensors } = await readTensors(
    file,
    name => !name.endsWith('num_batches_tracked') && !name.startsWith('optimizer.'),
  )
  const has = (prefix: string) => [...tensors.keys()].some(name => name.startsWith(prefix))
  if (!has('attention.') || !has('classifier.')) return unwrapped(tensors)
  const renamed = [...tensors].flatMap(([name, t]): [string, HostTensor][] => {
    if (name.startsWith(ours)) return [[name.slice(ours.length), t]]
    return rename && name.startsWith(rename[0]) ? [[rename[1] + name.slice(rename[0].length), t]] : []
  })
  return new Map(renamed)
}

/** Takes off the prefixes that all names begin with, one after another. */
function unwrapped(tensors: Named): Named {
  const prefix = WRAPPERS.find(w => tensors.size && [...tensors.keys()].every(name => name.startsWith(w)))
  if (prefix === undefined) return tensors
  return unwrapped(new Map([...tensors].map(([name, t]) => [name.slice(prefix.length), t])))
}

function loadInto(
  net: Module,
  tensors: Named,
  heads: readonly Linear[],
  file: string,
  optional: readonly string[] = [],
): string {
  const isHead = (name: string) => name === 'fc.weight' || name === 'fc.bias'
  const body = new Map([...tensors].filter(([name]) => !isHead(name)))
  // Optional tensors that the file lacks keep their values, by being left out of the comparison.
  const target = new Map([...net.state()].filter(([name]) => !isHead(name) && !optional.includes(name)))
  checkNames(body, target, file)
  net.load(body, { partial: true })
  return `${file}: ${body.size} tensors loaded${loadHeads(heads, tensors)}`
}

type Shaped = ReadonlyMap<string, { readonly shape: readonly number[] }>

/** Throws unless the two have the same names and shapes. */
function checkNames(body: Shaped, target: Shaped, file: string): void {
  const missing = [...target.keys()].filter(name => !body.has(name))
  const unexpected = [...body.keys()].filter(name => !target.has(name))
  const misshapen = [...body]
    .filter(([name, t]) => target.has(name) && `${target.get(name)!.shape}` !== `${t.shape}`)
    .map(([name, t]) => `${name} is [${t.shape}], the model has [${target.get(name)!.shape}]`)
  if (!missing.length && !unexpected.length && !misshapen.length) return
  const list = (fault: string, names: readonly string[]) =>
    names.length
      ? `\n  ${names.length} ${fault}: ${names.slice(0, 6).join(', ')}${names.length > 6 ? ', ...' : ''}`
      : ''
  throw new Error(
    `${file} does not fit: it has ${describeStateDict([...body.keys()])}, and what is to be filled has ` +
      `${describeStateDict([...target.keys()])}` +
      `${list('missing', missing)}${list('unexpected', unexpected)}${list('of another shape', misshapen)}`,
  )
}

/** Copies a file's `fc` into heads of its shapes. Returns the end of the line that says what was done. */
function loadHeads(heads: readonly Linear[], tensors: Named): string {
  const [weight, bias] = [tensors.get('fc.weight'), tensors.get('fc.bias')]
  if (!weight || !bias || !heads.length) return ''
  const fits = heads.every(h => `${h.weight.shape}` === `${weight.shape}` && `${h.bias.shape}` === `${bias.shape}`)
  if (!fits) return `; its fc [${weight.shape}] left out, for here it is [${heads[0]!.weight.shape}]`
  for (const h of heads) h.load(new Map(Object.entries({ weight, bias })))
  return `, with fc [${weight.shape}]`
}
