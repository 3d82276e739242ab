/** Model cards: those of our own are read, and no card of a stranger makes the reader allocate or work without end. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { stats } from '../../src/engine/buffers.ts'
import { Zeros } from '../../src/engine/random.ts'
import { read, release } from '../../src/engine/transfer.ts'
import { encodeSafetensors, type HostTensor, type SafetensorsFile } from '../../src/io/safetensors.ts'
import { RESNET18 } from '../../src/nn/resnet.ts'
import { Classifier } from '../../src/tasn/classify.ts'
import { hasAttentionNet, type TasnConfig } from '../../src/tasn/config.ts'
import { TasnInference } from '../../src/tasn/inference.ts'
import { modelMetadata, readModelCard } from '../../src/tasn/model_card.ts'
import { readModel } from '../../src/tasn/model_file.ts'
import { modelSize } from '../../src/tasn/model_size.ts'
import { ARMS } from '../../src/train/arms.ts'
import { PRESETS } from '../../src/train/presets.ts'
import { CONFIG } from '../support/toy_tasn.ts'

const dir = mkdtempSync(join(tmpdir(), 'tasn-card-'))
const file = join(dir, 'model.safetensors')
const names = ['wren', 'crow', 'gull', 'tern', 'lark']
const card = (config: unknown = CONFIG, classes: unknown = names): Record<string, string> => ({
  tasn: JSON.stringify({ config, classes }),
})
const refusal = (metadata: Record<string, string>): string => {
  try {
    readModelCard(metadata, 'x')
    return 'taken'
  } catch (error) {
    return (error as Error).message
  }
}

const t = suite('tasn/model_card')
t.after(() => {
  rmSync(dir, { recursive: true })
})

t('the shapes of a configuration are those of the network that is built from it', () => {
  const { small, tiny, mobile } = PRESETS
  const inverted = { block: 'inverted', width: 0.35 } as const
  const deep = { ...RESNET18, block: 'bottleneck', layers: [2, 1, 1, 1] } as const
  for (const config of [
    CONFIG,
    { ...tiny.model, classes: 16 },
    { ...small.model, classes: 7, mirrorTest: true },
    { ...small.model, classifier: deep, classes: 3 },
    { ...mobile.model, classes: 9 },
    { ...mobile.model, classifier: inverted, attention: { ...tiny.model.attention, backbone: inverted }, classes: 4 },
  ] satisfies TasnConfig[]) {
    const net = new TasnInference(new Zeros(), config)
    const { shapes, weights } = modelSize(config)
    const state = net.state()
    assert.equal(
      [...shapes].map(([name, shape]) => `${name} ${shape}`).sort(),
      [...state].map(([name, { shape }]) => `${name} ${shape}`).sort(),
    )
    assert.is(
      weights,
      [...state.values()].reduce((n, { size }) => n + size, 0),
    )
    for (const w of state.values()) release(w)
  }
})

t('the work of an image: ResNet-18 alone has 1.8 thousand million multiplications at 224 pixels', () => {
  const { products } = modelSize({ ...PRESETS.paper.model, classifier: PRESETS.small.model.classifier, classes: 1000 })
  const { products: without } = modelSize({
    ...PRESETS.paper.model,
    classifier: { ...RESNET18, layers: [], widths: [1], strides: [] },
    classes: 1000,
  })
  assert.ok(Math.abs((products - without) / 1.81e9 - 1) < 0.01, `${products - without}`) // torchvision: 1.81 GFLOPS
})

t('the work of an image: MobileNets have the multiplications of their papers at 224 pixels', () => {
  const { model } = PRESETS.mobile
  const of = (classifier: TasnConfig['classifier'], size: number): number =>
    modelSize({ ...model, classifier, classifierSize: [size, size], classes: 1000 }).products
  // V1 1.0: 569 million, V1 0.25: 41 million (table 6 of its paper); V2 1.0: 300 million (table 4), with a head of 1.3.
  for (const [classifier, published] of [
    [{ block: 'separable', width: 1 }, 569e6],
    [{ block: 'separable', width: 0.25 }, 41e6],
    [{ block: 'inverted', width: 1 }, 300e6],
  ] as const) {
    // Of an image of one pixel nearly nothing is left, and all that the attention net does.
    const products = of(classifier, 224) - of(classifier, 1)
    assert.ok(Math.abs(products / published - 1) < 0.03, `${classifier.block} ${classifier.width}: ${products}`)
  }
})

t('the cards of all presets and arms are taken', () => {
  for (const preset of Object.values(PRESETS))
    for (const arm of Object.values(ARMS)) {
      const { model } = arm.change(preset)
      const classes = Array.from({ length: 200 }, (_, i) => `00${i}.Bird`)
      const config = { ...model, classes: 200 }
      if (!hasAttentionNet(model)) continue // plain classifiers have no model file
      const read = readModelCard(modelMetadata({ config, classes }), 'x')
      assert.equal(read.config, JSON.parse(JSON.stringify(config)))
      assert.equal(read.classes, classes)
    }
})

t('each rule has its message', () => {
  const { attention, classifier, maps } = CONFIG
  for (const [change, message] of [
    [{ classes: 4 }, /it has 5 names for 4 classes/],
    [{ classes: '5' }, /its config\.classes is "5", a whole number, 1 to 100000 is needed/],
    [{ imageSize: [1e9, 24] }, /config\.imageSize\[0\] is 1000000000, a whole number, 1 to 4096/],
    [{ imageSize: 24 }, /config\.imageSize is 24, a list of 2 to 2/],
    [{ teacherGradient: undefined }, /config\.teacherGradient is missing, true or false is needed/],
    [{ attentionResize: 'cubic' }, /config\.attentionResize is .*, bilinear or area is needed/],
    [{ look: 'box' }, /config\.look is/],
    [{ evil: 1 }, /its config has a field "evil" that this version does not know/],
    [{ classifier: { ...classifier, layers: [1, 1, 1] } }, /config\.classifier has 3 layers, 2 widths and 2 strides/],
    [{ classifier: { ...classifier, layers: [1e9, 1] } }, /config\.classifier\.layers\[0\] is 1000000000,/],
    [{ classifier: { ...classifier, stem: 1e7 } }, /config\.classifier\.stem is 10000000, 3 or 7/],
    [{ attention: { ...attention, dilations: [[1], [0.5]] } }, /config\.attention\.dilations\[1\]\[0\] is 0\.5,/],
    [
      { classifier: { block: 'dense' } },
      /config\.classifier\.block is "dense", basic or bottleneck or separable or inv/,
    ],
    [{ classifier: null }, /config\.classifier is null, an object is needed/],
    [{ classifier: { block: 'separable', width: 5 } }, /config\.classifier\.width is 5, a number from 0\.01 to 4/],
    [{ classifier: { block: 'inverted' } }, /config\.classifier\.width is missing/],
    [{ classifier: { block: 'separable', width: 1, outputStride: 4 } }, /classifier\.outputStride is 4, 8 or 16 or 32/],
    [{ classifier: { block: 'separable', width: 1, layers: [1] } }, /config\.classifier has a field "layers"/],
    [{ maps: { ...maps, gamma: null } }, /config\.maps\.gamma is null, a number from 0 to 100/],
    [{ maps: { ...maps, sampler: { ...maps.sampler, iterations: 1e12 } } }, /maps\.sampler\.iterations is/],
    [{ maps: { ...maps, mapSize: [8192, 64] } }, /maps\.mapSize\[0\] is 8192,/],
    [{ classifier: { ...classifier, widths: [8192, 8192] } }, /describes a model of \d+ (numbers|multiplications)/],
    [
      { imageSize: [4096, 4096], classifierSize: [4096, 4096] },
      /describes a model of \d+ numbers, the limit is 90000000/,
    ],
  ] as const)
    assert.match(refusal(card({ ...CONFIG, ...change })), message)
  assert.match(refusal({}), /^x holds no model of TASN/)
  for (const text of ['', '{', '[]', 'null', '3', '"x"', '{"config":{}}', `{"config":${'['.repeat(1e6)}`])
    assert.match(refusal({ tasn: text }), /^x does not say .* \(its metadata `tasn` is damaged: /)
  assert.match(refusal(card(CONFIG, ['a', 'b', 'c', 'd', 5])), /its classes\[4\] is 5, a name of 1 to 300 characters/)
  assert.match(refusal(card(CONFIG, ['a', 'b', 'c', 'd', 'e'.repeat(301)])), /its classes\[4\] is/)
  assert.match(refusal(card(CONFIG, { length: 5 })), /its classes is .*, a list of 1 to 100000 is needed/)
  assert.match(refusal(card({ ...CONFIG, '\u001b[31m': 1 })), /^[^\p{Cc}]*$/u)
})

t('names of classes reach the terminal without control characters', () => {
  const { classes } = readModelCard(
    card(CONFIG, ['\u001b]0;x\u0007', 'a\r\nb', '\u202egnp', 'Bläß日本🐦', 'lark']),
    'x',
  )
  assert.equal(classes, ['\\u001b]0;x\\u0007', 'a\\u000d\\u000ab', '\\u202egnp', 'Bläß日本🐦', 'lark'])
})

t('card, tensors and numbers are compared before anything is made', async () => {
  const net = new TasnInference(new Zeros(), CONFIG)
  const tensors = new Map<string, HostTensor>()
  for (const [name, w] of net.state()) tensors.set(name, { shape: w.shape, data: await read(w) })
  for (const w of net.state().values()) release(w)
  const before = stats.bytes
  const tried = async (content: SafetensorsFile): Promise<string> => {
    writeFileSync(file, encodeSafetensors(content.tensors, content.metadata))
    const message = (error: Error) => error.message.replace(file, 'x')
    const fromFile = await readModel(file)
      .then(f => {
        const classifier = new Classifier(f)
        classifier.destroy()
        return 'taken'
      }, message)
      .catch(message)
    try {
      new Classifier({ ...content, file: 'x' }).destroy()
      assert.is(fromFile, 'taken')
    } catch (error) {
      assert.is((error as Error).message, fromFile)
    }
    assert.is(stats.bytes, before)
    return fromFile
  }
  assert.is(await tried({ tensors, metadata: card() }), 'taken')
  // A card of another network: as large as is allowed, with none of its tensors in the file.
  const large = { ...CONFIG, classifier: { ...CONFIG.classifier, layers: [1, 60], widths: [4, 128] } }
  assert.match(
    await tried({ tensors, metadata: card(large) }),
    /^x does not fit: it has a model of TASN, .*\n {2}\d+ missing/s,
  )
  const broken = new Map(tensors)
  const bias = Float32Array.of(0, 0, NaN, 0, NaN)
  broken.set('classifier.fc.bias', { shape: [5], data: bias })
  assert.match(
    await tried({ tensors: broken, metadata: card() }),
    /^x: 2 of the 5 numbers of "classifier\.fc\.bias" are not finite, the first at index 2: NaN\./,
  )
})

t.run()
