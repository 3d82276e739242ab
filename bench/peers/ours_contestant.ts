/** This project as a contestant. */
import {
  addRelu,
  batchNorm,
  conv2d,
  crossEntropy,
  finish,
  matmul,
  Plan,
  persistent,
  Random,
  RESNET18,
  ResNet,
  read,
  release,
  SGD,
  type Tensor,
  valueAndGrad,
  write,
} from '../../src/index.ts'
import { presetStep } from '../preset_step.ts'
import type { Contestant } from './contest.mjs'
import { type Case, labels, numbers, outputOf, RESNET, resnet18 } from './workload.mjs'

function opOf(c: Case): (x: Tensor[]) => Tensor {
  if (c.op === 'matmul') return ([a, b]) => matmul(a!, b!)
  if (c.op === 'addRelu') return ([a, b]) => addRelu(a!, b!)
  if (c.op === 'conv2d')
    return ([x, w]) =>
      conv2d(x!, w!, undefined, {
        stride: c.stride!,
        padding: c.padding!,
        dilation: c.dilation!,
        groups: c.groups!,
      })
  const state = () => persistent([c.x![1]!])
  const [running_mean, running_var] = [state(), state()]
  return ([x, weight, bias]) =>
    batchNorm(x!, { weight: weight!, bias: bias!, running_mean, running_var }, { training: true })
}

async function timed(plan: Plan): Promise<void> {
  plan.run()
  await finish()
}

/** The engine must be open. */
export const ours: Contestant = {
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
        const [y, ...grads] = (part === 'forward' ? forward : both).run()
        const result: Record<string, Float32Array> = { y: await read(y!) }
        for (const [i, g] of grads.entries()) result[`d${inputs[i]![0]}`] = await read(g)
        return result
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
    return {
      forward: () => value(forward),
      step: () => value(step),
      free() {
        for (const plan of [forward, step]) plan.destroy()
        for (const t of [...state.values(), ...sgd.state().values(), x, target]) release(t)
      },
    }
  },
}

/** The training step of `npm run train`, timed like the others. */
export async function tinyStep(): Promise<() => Promise<void>> {
  const plan = await Plan.make(presetStep('tiny', { random: new Random(1) }).step)
  return () => timed(plan)
}
