/** Weights from and for elsewhere: torchvision's and timm's names, and one message with all that does not fit. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Random, Zeros } from '../../src/engine/random.ts'
import type { Tensor } from '../../src/engine/tensor.ts'
import { read, release } from '../../src/engine/transfer.ts'
import { saveTensors } from '../../src/io/checkpoint.ts'
import { encodeSafetensors, type HostTensor } from '../../src/io/safetensors.ts'
import type { Module } from '../../src/nn/module.ts'
import { ResNet, type ResNetConfig } from '../../src/nn/resnet.ts'
import type { TasnConfig } from '../../src/tasn/config.ts'
import { inferenceState } from '../../src/tasn/inference.ts'
import { Tasn } from '../../src/tasn/network.ts'
import { loadPretrained, loadPretrainedAttention } from '../../src/tasn/pretrained.ts'
import { PRESETS } from '../../src/train/presets.ts'
import { element, plainRead } from '../support/safetensors.ts'

const dir = mkdtempSync(join(tmpdir(), 'tasn-pretrained-'))
const file = join(dir, 'w.safetensors')
const NET: ResNetConfig = { block: 'basic', layers: [1, 1], widths: [4, 8], strides: [1, 2], stem: 7, pool: true }
const config: TasnConfig = {
  ...PRESETS.tiny.model,
  classes: 5,
  classifier: NET,
  attention: { backbone: { ...NET, strides: [1, 1] }, dilations: [[1, 2]] },
}

const host = async (m: Module | Map<string, Tensor>): Promise<Map<string, HostTensor>> => {
  const found = new Map<string, HostTensor>()
  for (const [name, t] of m instanceof Map ? m : m.state()) found.set(name, { shape: t.shape, data: await read(t) })
  return found
}
/** A state dict as PyTorch has it: with counters, and with a prefix if wanted. */
async function stateDict({ net = NET, classes = 5, prefix = '', seed = 1 } = {}): Promise<Map<string, HostTensor>> {
  const model = new ResNet(new Random(seed), net, classes)
  const dict = new Map<string, HostTensor>()
  for (const [name, t] of await host(model)) {
    dict.set(prefix + name, t)
    if (name.endsWith('running_var'))
      dict.set(prefix + name.replace('running_var', 'num_batches_tracked'), { shape: [], data: Float32Array.of(9) })
  }
  for (const t of model.state().values()) release(t)
  return dict
}
const put = (dict: ReadonlyMap<string, HostTensor>): void => {
  writeFileSync(file, encodeSafetensors(dict))
}
const message = (f: Promise<unknown>): Promise<string> =>
  f.then(
    () => '',
    (e: Error) => e.message,
  )
async function same(m: Module, dict: ReadonlyMap<string, HostTensor>, prefix = ''): Promise<void> {
  for (const [name, t] of m.state()) assert.equal(await read(t), dict.get(prefix + name)!.data, name)
}

const t = suite('tasn/pretrained')
let tasn: Tasn
t.before.each(() => {
  tasn = new Tasn(new Zeros(), config)
})
t.after.each(() => {
  for (const w of tasn.state().values()) release(w)
})
t.after(() => {
  rmSync(dir, { recursive: true })
})

t("torchvision's and timm's state dict, as it is, also from inside a wrapper", async () => {
  for (const prefix of ['', 'module.', 'module.backbone.', '_orig_mod.student.net.', 'state_dict.']) {
    const dict = await stateDict({ prefix, seed: prefix.length + 1 })
    put(dict)
    const line = await loadPretrained(tasn.classifier, file, [tasn.part, tasn.shared])
    await same(tasn.classifier, dict, prefix)
    assert.is(line, `${file}: ${tasn.classifier.state().size} tensors loaded, with fc [5,8]`)
    for (const head of [tasn.part, tasn.shared])
      assert.equal(await read(head.weight), dict.get(`${prefix}fc.weight`)!.data)
    assert.ok((await read(tasn.master.weight)).every(v => v === 0))
    assert.match(await loadPretrainedAttention(tasn.attention, file), /with fc \[5,8\]/)
    await same(tasn.attention.backbone, dict, prefix)
    assert.equal(await read(tasn.attention.fc!.bias), dict.get(`${prefix}fc.bias`)!.data)
  }
})

t('an fc for other classes is left out, and the line says so', async () => {
  put(await stateDict({ classes: 1000 }))
  assert.match(
    await loadPretrained(tasn.classifier, file, [tasn.shared]),
    /tensors loaded; its fc \[1000,8\] left out, for here it is \[5,8\]/,
  )
  assert.ok((await read(tasn.shared.weight)).every(v => v === 0))
  const { 'fc.weight': w, 'fc.bias': b, ...rest } = Object.fromEntries(await stateDict())
  assert.ok(w && b)
  put(new Map(Object.entries(rest)))
  assert.match(await loadPretrained(tasn.classifier, file, [tasn.shared]), /\d tensors loaded$/)
})

t('what is missing, unexpected and of another shape comes in one message, and nothing has changed', async () => {
  const dict = await stateDict()
  dict.delete('layer2.0.conv2.weight')
  dict.delete('bn1.bias')
  dict.set('layer9.weight', { shape: [1], data: Float32Array.of(1) })
  dict.set('bn1.weight', { shape: [2], data: Float32Array.of(1, 2) })
  put(dict)
  const text = await message(loadPretrained(tasn.classifier, file, [tasn.shared]))
  assert.is(
    text,
    [
      `${file} does not fit: it has a ResNet (1, 1 basic blocks), and what is to be filled has a ResNet ` +
        '(1, 1 basic blocks)',
      '  2 missing: bn1.bias, layer2.0.conv2.weight',
      '  1 unexpected: layer9.weight',
      '  1 of another shape: bn1.weight is [2], the model has [4]',
    ].join('\n'),
  )
  assert.ok((await read(tasn.classifier.state().get('conv1.weight')!)).every(v => v === 0))
  assert.ok((await read(tasn.shared.weight)).every(v => v === 0))
})

t('another network is named', async () => {
  put(await stateDict({ net: { ...NET, layers: [3, 4, 6, 3], widths: [4, 8, 8, 8], strides: [1, 2, 2, 2] } }))
  assert.match(
    await message(loadPretrained(tasn.classifier, file)),
    /it has ResNet-34 \(3, 4, 6, 3 basic blocks\).*\n {2}\d+ unexpected: layer1\.1\.conv1\.weight, /,
  )
  put(
    new Map([
      ['conv1.0.weight', { shape: [1], data: Float32Array.of(1) }],
      ['layer1.0.conv3.weight', { shape: [1], data: Float32Array.of(1) }],
    ]),
  )
  assert.match(
    await message(loadPretrained(tasn.classifier, file)),
    /1 bottleneck blocks\) with a deep stem \(timm's \.\.\.d variants/,
  )
  put(new Map([['features.0.weight', { shape: [1], data: Float32Array.of(1) }]]))
  assert.match(
    await message(loadPretrainedAttention(tasn.attention, file)),
    /it has no ResNet or MobileNet \(its names begin features\.0\.weight\)/,
  )
})

t("Hugging Face's transformers: their names become torchvision's, and an error says so", async () => {
  const theirs = (name: string): string => {
    const [, layer, block, rest] = /^layer(\d)\.(\d)\.(.*)$/.exec(name) ?? []
    if (!layer)
      return name
        .replace('fc', 'classifier.1')
        .replace(/^conv1/, 'resnet.embedder.embedder.convolution')
        .replace(/^bn1/, 'resnet.embedder.embedder.normalization')
    const inner = rest!
      .replace('downsample.0', 'shortcut.convolution')
      .replace('downsample.1', 'shortcut.normalization')
      .replace(/^conv(\d)/, (_, i) => `layer.${i - 1}.convolution`)
      .replace(/^bn(\d)/, (_, i) => `layer.${i - 1}.normalization`)
    return `resnet.encoder.stages.${Number(layer) - 1}.layers.${block}.${inner}`
  }
  const dict = await stateDict({ seed: 8 })
  put(new Map([...dict].map(([name, w]) => [theirs(name), w])))
  assert.match(await loadPretrained(tasn.classifier, file, [tasn.shared]), /tensors loaded, with fc \[5,8\]/)
  await same(tasn.classifier, dict)
  // without their head all names have the prefix
  put(new Map([...dict].flatMap(([name, w]) => (/^fc/.test(name) ? [] : [[theirs(name), w]]))))
  assert.match(await loadPretrainedAttention(tasn.attention, file), /tensors loaded$/)
  await same(tasn.attention.backbone, dict)
  dict.delete('layer2.0.bn1.bias')
  put(new Map([...dict].map(([name, w]) => [`model.${theirs(name)}`, w])))
  assert.match(
    await message(loadPretrained(tasn.classifier, file)),
    /\(names behind "model\."\) \(names of Hugging Face's .*\) does not fit.*1 missing: layer2\.0\.bn1\.bias/s,
  )
})

t('numbers that are not finite are refused by name, and nothing has changed', async () => {
  const dict = await stateDict()
  const broken = (name: string): void => {
    const { shape, data } = dict.get(name)!
    put(new Map([...dict, [name, { shape, data: data.map((v, i) => (i === 3 ? NaN : v)) }]]))
  }
  broken('layer2.0.bn1.running_var')
  for (const loading of [loadPretrained(tasn.classifier, file), loadPretrainedAttention(tasn.attention, file)])
    assert.match(
      await message(loading),
      /w\.safetensors: 1 of the 8 numbers of "layer2\.0\.bn1\.running_var" are not finite, the first at index 3: NaN/,
    )
  assert.ok((await read(tasn.classifier.state().get('conv1.weight')!)).every(v => v === 0))
  broken('fc.bias')
  assert.match(await message(loadPretrained(tasn.classifier, file, [tasn.shared])), /"fc\.bias" are not finite/)
  assert.match(await message(loadPretrained(tasn.classifier, file)), /^$/, 'it is of no use there')
})

t('two networks in one file, and names with control characters', async () => {
  const both = new Map([...(await stateDict({ prefix: 'a.' })), ...(await stateDict({ prefix: 'b.' }))])
  put(both)
  assert.match(
    await message(loadPretrained(tasn.classifier, file)),
    /no ResNet or MobileNet \(its names begin a\.conv1\.weight, a\./,
  )
  put(new Map([...(await stateDict()), ['\u001b[2J', { shape: [1], data: Float32Array.of(1) }]]))
  assert.match(await message(loadPretrained(tasn.classifier, file)), /1 unexpected: \\u001b\[2J$/)
})

t('files of our own: a checkpoint and a model', async () => {
  const trained = new Tasn(new Random(5), config)
  const all = await host(trained)
  for (const [name, state] of [
    ['checkpoint', new Map([...trained.state(), ['optimizer.x', trained.part.bias]])],
    ['model', inferenceState(trained)],
  ] as const) {
    const fresh = new Tasn(new Zeros(), config)
    await saveTensors(file, state)
    assert.match(
      await loadPretrained(fresh.classifier, file, [fresh.part, fresh.master, fresh.shared]),
      /with fc \[5,8\]/,
      name,
    )
    await same(fresh.classifier, all, 'classifier.')
    for (const head of [fresh.part, fresh.master, fresh.shared]) await same(head, all, 'shared.')
    await loadPretrainedAttention(fresh.attention, file)
    await same(fresh.attention.backbone, all, 'attention.backbone.')
    await same(fresh.attention.dilated[0]!, all, 'attention.dilated.0.')
    assert.equal(
      [...(await read(fresh.attention.fc!.weight))].some(v => v !== 0),
      name === 'checkpoint',
    )
    for (const w of fresh.state().values()) release(w)
  }
  // Half of a run: the attention net after its own epochs.
  await saveTensors(file, new Map([...trained.state()].filter(([name]) => name.startsWith('attention.'))))
  await loadPretrainedAttention(tasn.attention, file)
  await same(tasn.attention, all, 'attention.')
  assert.match(await message(loadPretrained(tasn.classifier, file)), /of a run that has nothing below "classifier\."/)
  for (const w of trained.state().values()) release(w)
})

t("what we save has PyTorch's names, shapes and bytes", async () => {
  const trained = new Tasn(new Random(6), config)
  await saveTensors(file, inferenceState(trained))
  const plain = plainRead(readFileSync(file))!
  const state = trained.state()
  const classifier = [...plain.keys()].filter(n => n.startsWith('classifier.')).map(n => n.slice('classifier.'.length))
  // torchvision's names but for the counters, which PyTorch adds itself to a state dict without a version.
  const reference = [...(await stateDict()).keys()].filter(n => !n.endsWith('num_batches_tracked'))
  assert.equal(classifier.sort(), reference.sort())
  assert.equal(
    [...plain.keys()]
      .filter(n => n.startsWith('attention.backbone.'))
      .map(n => n.slice('attention.backbone.'.length))
      .sort(),
    [...trained.attention.backbone.state().keys()].sort(),
  )
  assert.equal(
    [...plain.keys()].filter(n => n.startsWith('attention.dilated.')),
    ['attention.dilated.0.conv.weight', 'attention.dilated.0.conv.bias'],
  )
  for (const [name, p] of plain) {
    const own = state.get(name.replace('classifier.fc.', 'shared.'))!
    const want = await read(own)
    assert.is(p.dtype, 'F32')
    assert.equal(p.shape, [...own.shape], name)
    assert.is(p.bytes.length, 4 * want.length)
    assert.ok(
      want.every((v, i) => Object.is(v, element(p, i))),
      name,
    )
  }
  for (const w of state.values()) release(w)
})

t.run()
