/** Weights of MobileNets by the names of torchvision, timm, transformers and Keras. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Random, Zeros } from '../../src/engine/random.ts'
import { read, release } from '../../src/engine/transfer.ts'
import { encodeSafetensors, type HostTensor } from '../../src/io/safetensors.ts'
import { type Backbone, type BackboneConfig, makeBackbone } from '../../src/nn/backbone.ts'
import { Linear } from '../../src/nn/layers.ts'
import { V1_STAGES, V2_STAGES } from '../../src/nn/mobilenet.ts'
import type { Module } from '../../src/nn/module.ts'
import { RESNET18 } from '../../src/nn/resnet.ts'
import { loadPretrained } from '../../src/tasn/pretrained.ts'

const dir = mkdtempSync(join(tmpdir(), 'tasn-mobilenet-'))
const file = join(dir, 'w.safetensors')
const V1: BackboneConfig = { block: 'separable', width: 0.25 }
const V2: BackboneConfig = { block: 'inverted', width: 0.25 }
type Dict = Map<string, HostTensor>

const free = (m: Module): void => {
  for (const w of m.state().values()) release(w)
}
/** A state dict of random numbers, by our names, with the head of `classes` last. */
async function stateDict(config: BackboneConfig, classes = 5): Promise<Dict> {
  const net = makeBackbone(new Random(3), config, classes)
  const dict: Dict = new Map()
  for (const [name, t] of net.state()) dict.set(name, { shape: t.shape, data: await read(t) })
  free(net)
  return dict
}
const put = (dict: Dict): void => {
  writeFileSync(file, encodeSafetensors(dict))
}
const renamed = (dict: Dict, f: (name: string) => string): Dict => new Map([...dict].map(([name, w]) => [f(name), w]))
/** Counters of batch norms, as PyTorch has them. */
const counted = (dict: Dict): Dict =>
  new Map([
    ...dict,
    ...[...dict.keys()]
      .filter(name => name.endsWith('running_var'))
      .map((name): [string, HostTensor] => [
        name.replace('running_var', 'num_batches_tracked'),
        { shape: [], data: Float32Array.of(9) },
      ]),
  ])

/** Loads the file, and asserts that each tensor and the head have come. */
async function loads(config: BackboneConfig, dict: Dict): Promise<string> {
  const net = makeBackbone(new Zeros(), config)
  const head = new Linear(new Zeros(), net.channels, 5)
  const line = await loadPretrained(net, file, [head])
  for (const [name, t] of net.state()) assert.equal(await read(t), dict.get(name)!.data, name)
  for (const [part, t] of head.state()) {
    const [name] = [...dict.keys()].filter(n => n.startsWith('classifier.') && n.endsWith(part))
    assert.equal(await read(t), dict.get(name!)!.data)
  }
  free(net)
  free(head)
  return line
}
const fails = async (config: BackboneConfig): Promise<string> => {
  const net: Backbone = makeBackbone(new Zeros(), config)
  const message = await loadPretrained(net, file).then(
    () => '',
    (e: Error) => e.message,
  )
  for (const w of net.state().values())
    assert.ok(w.size === 1 || new Set(await read(w)).size === 1, 'nothing has changed')
  free(net)
  return message
}

/** Places of the blocks, counted from 1 through all stages. */
const places = (stages: readonly (readonly number[])[], counts: number): string[] =>
  stages.flatMap((stage, s) => Array.from({ length: stage[counts]! }, (_, i) => `blocks.${s}.${i}`))
const V1_BLOCKS = places(V1_STAGES, 2)
const V2_BLOCKS = places(V2_STAGES, 2)

const keras = (name: string): string => {
  const [, block, layer, rest] = /^(blocks\.\d\.\d)\.(\w+)\.(.*)$/.exec(name) ?? []
  if (!block) return name.replace('conv_stem', 'conv1').replace(/^bn1/, 'conv1_bn').replace('classifier', 'conv_preds')
  const i = V1_BLOCKS.indexOf(block) + 1
  return (
    { conv_dw: `conv_dw_${i}`, bn1: `conv_dw_${i}_bn`, conv_pw: `conv_pw_${i}`, bn2: `conv_pw_${i}_bn` }[layer!] +
    `.${rest}`
  )
}
const transformers = (name: string): string => {
  const [, block, layer, rest] = /^(blocks\.\d\.\d)\.(\w+)\.(.*)$/.exec(name) ?? []
  if (!block)
    return name
      .replace(/^conv_stem/, 'mobilenet_v1.conv_stem.convolution')
      .replace(/^bn1/, 'mobilenet_v1.conv_stem.normalization')
  const i = 2 * V1_BLOCKS.indexOf(block)
  const theirs = {
    conv_dw: `${i}.convolution`,
    bn1: `${i}.normalization`,
    conv_pw: `${i + 1}.convolution`,
    bn2: `${i + 1}.normalization`,
  }
  return `mobilenet_v1.layer.${theirs[layer as 'bn1']}.${rest}`
}
/** torchvision's names of V2 as timm has them. */
const timm = (name: string): string => {
  const [, number, place, rest] = /^features\.(\d+)\.(?:conv\.)?(\d(?:\.\d)?)\.(\w+)$/.exec(name) ?? []
  if (!number) return name.replace('classifier.1', 'classifier')
  if (number === '0') return `${place === '0' ? 'conv_stem' : 'bn1'}.${rest}`
  if (number === '18') return `${place === '0' ? 'conv_head' : 'bn2'}.${rest}`
  const layers =
    number === '1'
      ? { '0.0': 'conv_dw', '0.1': 'bn1', 1: 'conv_pw', 2: 'bn2' }
      : { '0.0': 'conv_pw', '0.1': 'bn1', '1.0': 'conv_dw', '1.1': 'bn2', 2: 'conv_pwl', 3: 'bn3' }
  return `${V2_BLOCKS[Number(number) - 1]}.${layers[place as '2']}.${rest}`
}

const t = suite('tasn/mobilenet_names')
t.after(() => {
  rmSync(dir, { recursive: true })
})

t("V1 by timm's names, as it is; a configuration with other conventions is told", async () => {
  const dict = await stateDict(V1)
  put(counted(dict))
  const theirs: BackboneConfig = { block: 'separable', width: 0.25, padding: 'symmetric', eps: 1e-5 }
  assert.is(await loads(theirs, dict), `${file}: 135 tensors loaded, with fc [5,256]`)
  assert.match(
    await loads(V1, dict),
    /; its weights expect padding symmetric, and the configuration has same; its weights expect eps 0\.00001/,
  )
})

t("V1 by the names of Keras' layers, whose head is a 1x1 convolution, also from inside a wrapper", async () => {
  const dict = await stateDict(V1)
  const theirs = renamed(dict, keras)
  assert.ok(theirs.has('conv_dw_13_bn.running_var') && theirs.has('conv_pw_1.weight') && theirs.has('conv_preds.bias'))
  const { shape, data } = theirs.get('conv_preds.weight')!
  theirs.set('conv_preds.weight', { shape: [...shape, 1, 1], data })
  put(theirs)
  assert.is(await loads(V1, dict), `${file}: 135 tensors loaded, with fc [5,256]`)
  put(renamed(theirs, name => `module.${name}`))
  assert.is(
    await loads({ ...V1, outputStride: 16 } as BackboneConfig, dict),
    `${file}: 135 tensors loaded, with fc [5,256]`,
  )
})

t("V1 by transformers' names", async () => {
  const dict = await stateDict(V1)
  put(counted(renamed(dict, transformers)))
  assert.is(await loads(V1, dict), `${file}: 135 tensors loaded, with fc [5,256]`)
})

t("V2 by torchvision's names, as it is, and by timm's", async () => {
  const dict = await stateDict(V2)
  put(counted(dict))
  assert.is(await loads(V2, dict), `${file}: 260 tensors loaded, with fc [5,1280]`)
  const theirs = renamed(dict, timm)
  assert.ok(
    theirs.has('blocks.5.2.conv_pwl.weight') && theirs.has('blocks.0.0.bn2.bias') && theirs.has('conv_head.weight'),
  )
  put(counted(theirs))
  assert.is(await loads(V2, dict), `${file}: 260 tensors loaded, with fc [5,1280]`)
  assert.match(
    await loads({ ...V2, normalise: 'half' } as BackboneConfig, dict),
    /; its weights expect normalise imagenet, and the configuration has half$/,
  )
})

t('what does not fit is named: another width, another network, a tensor too few or too many', async () => {
  const v1 = await stateDict(V1)
  const v2 = await stateDict(V2)
  put(renamed(v1, keras))
  assert.match(
    await fails({ block: 'separable', width: 0.5 }),
    /Keras' MobileNet, put into timm's\) does not.* V1.* conv_stem\.weight is \[8,3,3,3\], the model has \[16,/s,
  )
  assert.match(await fails(V2), /it has MobileNet V1, and what is to be filled has MobileNet V2\n {2}260 missing/)
  assert.match(await fails(RESNET18), /it has MobileNet V1, and what is to be filled has ResNet-18/)
  put(v2)
  assert.match(await fails(V1), /it has MobileNet V2, and what is to be filled has MobileNet V1\n {2}135 missing/)
  const broken = renamed(v2, timm)
  broken.delete('blocks.1.0.bn3.bias')
  broken.set('blocks.1.0.bn9.bias', { shape: [1], data: Float32Array.of(1) })
  put(broken)
  assert.match(
    await fails(V2),
    /put into torchvision's\) does not.*1 missing: features\.2\.conv\.3\.bias\n.*unexpected: blocks\.1\.0\.bn9\.bias/s,
  )
  // A block more than V1 has.
  put(renamed(v1, name => keras(name).replace('_13', '_14')))
  assert.match(await fails(V1), /missing: blocks\.4\.1.*unexpected: blocks\.13\./s)
  put(
    new Map([
      ['conv_stem.weight', { shape: [1], data: Float32Array.of(1) }],
      ['blocks.0.0.se.conv.weight', { shape: [1], data: Float32Array.of(1) }],
    ]),
  )
  assert.match(await fails(V1), /it has no ResNet or MobileNet \(its names begin /)
})

t('a head for other classes is left out, and the line says so', async () => {
  put(renamed(await stateDict(V1, 7), keras))
  const net = makeBackbone(new Zeros(), V1)
  const head = new Linear(new Zeros(), 256, 5)
  assert.match(await loadPretrained(net, file, [head]), /; its fc \[7,256\] left out, for here it is \[5,256\]$/)
  assert.ok((await read(head.weight)).every(v => v === 0))
  free(net)
  free(head)
})

t.run()
