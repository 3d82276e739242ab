/** This project, under the same rules. */
import {
  AdamW,
  addRelu,
  batchNorm,
  close,
  conv2d,
  crossEntropy,
  finish,
  matmul,
  open,
  Plan,
  persistent,
  Random,
  RESNET18,
  ResNet,
  read,
  readAll,
  release,
  SGD,
  Tasn,
  type Tensor,
  valueAndGrad,
  write,
} from '../../src/index.ts'
import { noChanges } from '../../src/train/augmentation.ts'
import { PRESETS } from '../../src/train/presets.ts'
import { feed, makeInputs, trainStep } from '../../src/train/steps.ts'
import { compete } from './common.mjs'
import { type Case, dyOf, inputsOf, labels, numbers, outputOf, RESNET, resnet18 } from './workload.mjs'

function opOf(c: Case): (x: Tensor[]) => Tensor {
  if (c.op === 'matmul') return ([a, b]) => matmul(a!, b!)
  if (c.op === 'addRelu') return ([a, b]) => addRelu(a!, b!)
  if (c.op === 'conv2d')
    return ([x, w]) => conv2d(x!, w!, undefined, { stride: c.stride!, padding: c.padding!, dilation: c.dilation! })
  const state = () => persistent([c.x![1]!])
  const [running_mean, running_var] = [state(), state()]
  return ([x, weight, bias]) =>
    batchNorm(x!, { weight: weight!, bias: bias!, running_mean, running_var }, { training: true })
}

async function timed(plan: Plan): Promise<void> {
  plan.run()
  await finish()
}

await open()
await compete(
  {
    async op(c, inputs, dyData) {
      const f = opOf(c)
      const x = inputs.map(([, shape, d]) => persistent(shape, d))
      const dy = persistent(outputOf(c), dyData)
      const forward = await Plan.make(() => [f(x)])
      for (const t of x) t.requiresGrad = true
      const both = await Plan.make(() => {
        const { value, grads } = valueAndGrad(() => f(x), x, dy)
        return [value, ...x.map(t => grads.get(t)!)]
      })
      return {
        forward: () => timed(forward),
        both: () => timed(both),
        async read(part) {
          const names = ['y', ...inputs.map(([name]) => `d${name}`)]
          const values = await readAll((part === 'forward' ? forward : both).run())
          return Object.fromEntries(values.map((v, i) => [names[i]!, v as Float32Array]))
        },
        free() {
          for (const plan of [forward, both]) plan.destroy()
          for (const t of [...x, dy]) release(t)
        },
      }
    },
    async resnet() {
      const net = new ResNet(new Random(1), RESNET18, RESNET.classes)
      const state = net.state()
      const params = net.parameters()
      const sgd = new SGD(params, { momentum: 0, weightDecay: 0 })
      for (const [name, , d] of resnet18()) write(state.get(name)!, d)
      sgd.advance(RESNET.lr)
      const x = persistent(RESNET.x, numbers(RESNET.x, 1))
      const target = persistent([RESNET.x[0]!], labels())
      const forward = await Plan.make(() => [crossEntropy(net.forward(x), target)])
      const step = await Plan.make(() => {
        const { value, grads } = valueAndGrad(() => crossEntropy(net.forward(x), target), [...params.values()])
        sgd.step(grads)
        return [value]
      })
      const value = async (plan: Plan): Promise<number> => (await read(plan.run()[0]!))[0]!
      return { forward: () => value(forward), step: () => value(step) }
    },
    tiny: await tinyStep(),
  },
  inputsOf,
  dyOf,
)
await close()

/** The training step of `npm run train`, timed like the others. */
async function tinyStep(): Promise<() => Promise<void>> {
  const {
    model: size,
    training: { batch },
  } = PRESETS.tiny
  const [H, W] = size.imageSize
  const random = new Random(1)
  const model = new Tasn(random, { ...size, classes: 16 })
  const params = model.parameters()
  const inputs = makeInputs(batch, size.imageSize)
  const adam = new AdamW(params)
  feed(
    inputs,
    Uint32Array.from({ length: batch * H * W }, () => random.int(2 ** 32)),
    noChanges(batch),
    Uint32Array.from({ length: batch }, (_, i) => i % 16),
    Float32Array.from({ length: batch }, () => random.next()),
  )
  adam.advance(0.001)
  const plan = await Plan.make(() => trainStep(model, inputs, { params: [...params.values()], optimizers: [adam] }))
  return () => timed(plan)
}
