/** Plans: what they replay is what eager runs, to the bit; how much memory they take; what they refuse. */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { stats } from '../../src/engine/buffers.ts'
import { scope } from '../../src/engine/eager.ts'
import { Plan } from '../../src/engine/plan.ts'
import { Random } from '../../src/engine/random.ts'
import { baseOf, type Storage, type Tensor } from '../../src/engine/tensor.ts'
import { persistent, read, release, write } from '../../src/engine/transfer.ts'
import { machine } from '../../src/gpu/device.ts'
import { BatchNorm2d, Conv2d, Linear } from '../../src/nn/layers.ts'
import { Module } from '../../src/nn/module.ts'
import { AdamW, SGD } from '../../src/nn/optim.ts'
import { RESNET18, ResNet } from '../../src/nn/resnet.ts'
import { valueAndGrad } from '../../src/ops/backward.ts'
import { add, relu, scale, square } from '../../src/ops/elementwise.ts'
import { crossEntropy } from '../../src/ops/loss.ts'
import { globalAveragePool, maxPool2d } from '../../src/ops/pool.ts'
import { sum } from '../../src/ops/reduce.ts'
import { Tasn } from '../../src/tasn/network.ts'
import { PRESETS } from '../../src/train/presets.ts'
import { makeInputs, trainStep } from '../../src/train/steps.ts'

class Net extends Module {
  readonly conv1: Conv2d
  readonly bn1: BatchNorm2d
  readonly conv2: Conv2d
  readonly bn2: BatchNorm2d
  readonly fc: Linear

  constructor(random: Random) {
    super()
    this.conv1 = new Conv2d(random, 3, 8, 3, { stride: 2, padding: 1 })
    this.bn1 = new BatchNorm2d(8)
    this.conv2 = new Conv2d(random, 8, 8, 3, { padding: 1, bias: true })
    this.bn2 = new BatchNorm2d(8)
    this.fc = new Linear(random, 8, 5)
  }

  forward(x: Tensor): Tensor {
    const h = maxPool2d(this.bn1.forward(this.conv1.forward(x), { relu: true }), 3, { stride: 2, padding: 1 })
    return this.fc.forward(globalAveragePool(this.bn2.forward(this.conv2.forward(h), { relu: true, residual: h })))
  }
}

/** A model with what it is trained on and the step that trains it. */
function training(Optimizer: typeof SGD | typeof AdamW) {
  const model = new Net(new Random(3))
  const params = model.parameters()
  const optimizer = new Optimizer(params, { weightDecay: 1e-3 })
  const x = persistent([6, 3, 18, 14])
  const labels = persistent([6], new Uint32Array(6))
  const step = (): readonly [Tensor] => {
    const { value, grads } = valueAndGrad(() => crossEntropy(model.forward(x), labels), [...params.values()])
    optimizer.step(grads)
    return [value]
  }
  /** New inputs and a new rate, the same for the same step number. */
  const feed = (k: number): void => {
    const random = new Random(100 + k)
    write(
      x,
      Float32Array.from({ length: x.size }, () => random.uniform(-1, 1)),
    )
    write(
      labels,
      Uint32Array.from({ length: 6 }, () => random.int(5)),
    )
    optimizer.advance(0.05 / (k + 1))
  }
  const state = async (): Promise<Map<string, Float32Array>> => {
    const found = new Map<string, Float32Array>()
    for (const [name, s] of [...model.state(), ...optimizer.state()]) found.set(name, await read(s))
    return found
  }
  return { step, feed, state, x }
}

/** The words of a plan's toString(), read back: the place of every block, from the text alone. */
function places(plan: Plan): Map<Storage, { home: number; from: number; to: number; first: number; last: number }> {
  const found = new Map<Storage, { home: number; from: number; to: number; first: number; last: number }>()
  const lines = plan.toString().split('\n')
  assert.is(lines.length, plan.launches.length)
  plan.launches.forEach(({ tensors }, i) => {
    for (const [name, tensor] of Object.entries(tensors)) {
      const { shape } = tensor
      let { storage } = tensor
      const at = lines[i]!.split(' ')
        .find(word => word.startsWith(`${name}[${shape}]`))!
        .split('@')[1]
      assert.is(at === undefined, storage.persistent)
      if (at === undefined) continue
      let [home, from] = at.split('+').map(Number) as [number, number]
      for (; storage.stretchOf; storage = storage.stretchOf.block) from -= storage.stretchOf.at
      // A row is its parts, side by side.
      const blocks = storage.parts?.map(part => ({ block: part.storage, start: from + part.storage.within!.at }))
      for (const { block, start } of blocks ?? [{ block: storage, start: from }]) {
        const known = found.get(block)
        if (known) assert.equal([known.home, known.from], [home, start])
        found.set(block, { home, from: start, to: start + block.bytes, first: known?.first ?? i, last: i })
      }
    }
  })
  for (const { storage } of plan.outputs) if (found.has(storage)) found.get(storage)!.last = Infinity
  return found
}

function checkPlaces(plan: Plan): void {
  const blocks = [...places(plan).values()]
  for (const [i, a] of blocks.entries())
    for (const b of blocks.slice(i + 1)) {
      if (a.home !== b.home || a.last < b.first || b.last < a.first) continue
      assert.ok(
        a.to <= b.from || b.to <= a.from,
        `launches ${b.first} to ${Math.min(a.last, b.last)}: two blocks on the same bytes of buffer ${a.home}`,
      )
    }
  // WebGPU rejects a buffer that one dispatch reads and writes.
  const where = places(plan)
  plan.launches.forEach(({ variant, tensors }, i) => {
    const seen = new Map<number, string>()
    for (const { name, access } of variant.info.bindings) {
      if (access === 'uniform') continue
      const storage = baseOf(tensors[name]!.storage)
      const home = where.get(storage.parts ? storage.parts[0]!.storage : storage)?.home
      if (home === undefined) continue
      assert.ok(!seen.has(home) || seen.get(home) === access, `launch ${i} reads and writes buffer ${home}`)
      seen.set(home, access)
    }
  })
  const most = Math.max(...plan.placed.alive)
  const { planned, unplanned, lowerBound } = plan.memory
  assert.is(lowerBound, most)
  assert.ok(planned <= unplanned + 256 * blocks.length)
}

const t = suite('engine/plan')

for (const Optimizer of [SGD, AdamW]) {
  t(`replay is eager to the bit, over changing inputs and rates: ${Optimizer.name}`, async () => {
    const eager = training(Optimizer)
    const planned = training(Optimizer)
    const plan = await Plan.make(planned.step)
    for (let k = 0; k < 5; k++) {
      eager.feed(k)
      planned.feed(k)
      const [a] = scope(eager.step)
      const [b] = plan.run()
      assert.equal(await read(b), await read(a), `loss of step ${k + 1}`)
      assert.equal(await planned.state(), await eager.state(), `after step ${k + 1}`)
    }
    checkPlaces(plan)
    plan.destroy()
  })
}

t('recording runs nothing and allocates nothing', async () => {
  const { step, state } = training(SGD)
  scope(step) // constants are made once, here
  const before = { ...stats }
  const old = await state()
  const plan = Plan.record(step)
  assert.equal({ ...stats }, before)
  assert.equal(await state(), old)
  assert.throws(() => plan.run(), /only recorded/)
})

t('a step without launches is a plan as well', async () => {
  const w = persistent([2], Float32Array.of(1, 2))
  const plan = await Plan.make(() => [w])
  assert.equal([...(await read(plan.run()[0]!))], [1, 2])
  plan.destroy()
  assert.throws(() => plan.run(), /has been destroyed/)
  release(w)
})

t('run() creates nothing, destroy() gives all back', async () => {
  const { step, feed } = training(SGD)
  scope(step)
  const before = { ...stats }
  const plan = await Plan.make(step)
  const made = { ...stats }
  assert.is(made.bytes - before.bytes, plan.memory.planned)
  for (let k = 0; k < 3; k++) {
    feed(k)
    plan.run()
  }
  await read(plan.outputs[0])
  assert.equal([stats.buffers, stats.bytes], [made.buffers, made.bytes])
  assert.is(stats.launches, before.launches + 3 * plan.launches.length)
  plan.destroy()
  assert.equal([stats.buffers, stats.bytes], [before.buffers, before.bytes])
  assert.throws(() => plan.run(), /destroyed/)
  await assertRejects(read(plan.outputs[0]), /no memory/)
})

const assertRejects = async (promise: Promise<unknown>, message: RegExp): Promise<void> => {
  const error = await promise.then(
    () => undefined,
    (e: Error) => e,
  )
  assert.match(error?.message ?? 'nothing was thrown', message)
}

t('the same inputs give the same bits', async () => {
  const x = persistent(
    [2, 3, 8, 8],
    Float32Array.from({ length: 384 }, (_, i) => Math.sin(i)),
  )
  const net = new Net(new Random(1)).train(false)
  const plan = await Plan.make(() => [net.forward(x)] as const)
  const first = await read(plan.run()[0])
  assert.equal(await read(plan.run()[0]), first)
  write(x, new Float32Array(384))
  assert.not.equal(await read(plan.run()[0]), first)
  plan.destroy()
})

t('outputs last through the run; other tensors cannot be read', async () => {
  const x = persistent(
    [300],
    Float32Array.from({ length: 300 }, (_, i) => i - 150),
  )
  let inner!: Tensor
  const plan = await Plan.make(() => {
    inner = square(x)
    const early = scale(x, 3)
    let h = inner
    for (let i = 0; i < 6; i++) h = relu(add(h, x))
    return [early, sum(h), x] as const
  })
  const [early, total, same] = plan.run()
  assert.equal(
    [...(await read(early))],
    Array.from({ length: 300 }, (_, i) => 3 * (i - 150)),
  )
  const v = Array.from({ length: 300 }, (_, i) => i - 150)
  assert.is(
    (await read(total))[0],
    v.reduce((s, v) => {
      let h = v * v
      for (let i = 0; i < 6; i++) h = Math.max(h + v, 0)
      return s + h
    }, 0),
  )
  assert.is(same, x)
  await assertRejects(read(inner), /not an output/)
  assert.throws(() => scope(() => [relu(inner)]), /elementwise\/relu\.wgsl: x has no memory/)
  checkPlaces(plan)
  plan.destroy()
})

t('an output may be a view', async () => {
  const { reshape } = await import('../../src/ops/elementwise.ts')
  const x = persistent([2, 3], new Float32Array([1, 2, 3, 4, 5, 6]))
  const plan = await Plan.make(() => {
    const y = reshape(scale(x, 2), [6])
    square(scale(y, 2))
    return [y] as const
  })
  assert.equal([...(await read(plan.run()[0]))], [2, 4, 6, 8, 10, 12])
  plan.destroy()
})

t('a step may use nothing from outside but persistent tensors', async () => {
  const x = persistent([3], new Float32Array([1, 2, 3]))
  const [alive] = scope(() => [scale(x, 2)])
  assert.throws(() => Plan.record(() => [square(alive)]), /elementwise\/unary\.wgsl: x \[3\] was made outside/)
  assert.equal([...(await read(alive))], [2, 4, 6], 'and it is left alone')
  let dead!: Tensor
  scope(() => {
    dead = scale(x, 2)
    return []
  })
  assert.throws(() => Plan.record(() => [square(dead)]), /made outside/)
})

t('a step that writes is refused: the write would happen once, at recording', async () => {
  const x = persistent([2])
  const w = new SGD(new Map([['x', x]]))
  assert.throws(
    () =>
      Plan.record(() => {
        write(x, new Float32Array(2))
        return [square(x)]
      }),
    /inside the step of a plan/,
  )
  assert.throws(
    () =>
      Plan.record(() => {
        w.advance(0.1)
        return [square(x)]
      }),
    /inside the step of a plan/,
  )
})

t('ready() twice allocates once', async () => {
  const x = persistent([2], new Float32Array([1, 3]))
  const plan = await Plan.make(() => [square(x)])
  const { bytes } = stats
  await plan.ready()
  assert.is(stats.bytes, bytes)
  plan.destroy()
  release(x)
})

t('ready() twice at the same time allocates once', async () => {
  const x = persistent([2], new Float32Array([1, 3]))
  const { bytes } = stats
  const plan = Plan.record(() => [square(x)])
  await Promise.all([plan.ready(), plan.ready()])
  assert.is(stats.bytes, bytes + plan.memory.planned)
  assert.equal([...(await read(plan.run()[0]!))], [1, 9])
  plan.destroy()
  release(x)
})

t(
  'destroy() while ready() is under way: ready() says so, and nothing is left; it can be made ready again',
  async () => {
    const x = persistent([3], new Float32Array([1, 3, 5]))
    const { buffers } = stats
    const plan = Plan.record(() => [square(x), relu(x)])
    // At once, while it compiles, and while its memory is allocated.
    for (const turns of [0, 1, 2, 5, 20, 100]) {
      const made = plan.ready().then(
        () => true,
        (error: Error) => error.message,
      )
      for (let i = 0; i < turns; i++) await undefined
      plan.destroy()
      const said = await made
      assert.ok(said === true || /^this plan was destroyed while it was made ready/.test(`${said}`), `${said}`)
      assert.ok(turns > 0 || said !== true)
      assert.throws(() => plan.run(), /has been destroyed/)
      assert.is(stats.buffers, buffers)
    }
    await plan.ready()
    assert.equal([...(await read(plan.run()[0]!))], [1, 9, 25])
    plan.destroy()
    release(x)
  },
)

t('destroy() right after run() leaves what was launched to finish', async () => {
  const x = persistent([2], new Float32Array([1, 3]))
  const y = persistent([2])
  const plan = await Plan.make(() => [square(x)])
  const z = plan.run()[0]!
  const [copy] = scope(() => [add(z, y)])
  plan.destroy()
  assert.equal([...(await read(copy))], [1, 9])
  for (const t of [x, y, copy]) release(t)
})

t('an error while recording leaves the eager executor in place', async () => {
  assert.throws(
    () =>
      Plan.record(() => {
        throw new Error('inside')
      }),
    'inside',
  )
  const x = persistent([1], new Float32Array([2]))
  const [y] = scope(() => [square(x)])
  assert.is((await read(y))[0], 4)
})

/** Weights whose values do not matter are quicker to make. */
const still = { normal: () => 0, uniform: () => 0 } as unknown as Random

t('memory: tiny TASN within 1.15 of the lower bound', () => {
  const model = new Tasn(still, { ...PRESETS.tiny.model, classes: 16 })
  const params = model.parameters()
  const inputs = makeInputs(16, PRESETS.tiny.model.imageSize)
  const plan = Plan.record(() =>
    trainStep(model, inputs, { params: [...params.values()], optimizers: [new AdamW(params)] }),
  )
  const { planned, lowerBound, unplanned } = plan.memory
  checkPlaces(plan)
  assert.ok(planned <= 1.15 * lowerBound, `planned ${planned}, lower bound ${lowerBound}: ${planned / lowerBound}`)
  assert.ok(planned < 0.5 * unplanned)
  const keys = [...new Set(plan.launches.map(l => l.variant.key))]
  const plain = keys.map(key => key.split(' writable ')[0]!)
  assert.ok(keys.some(key => key.includes(' writable ')))
  // Compiling takes a CPU long. A GPU may read faster what is not declared writable.
  assert.is(
    new Set(plain).size < keys.length,
    machine() === 'gpu',
    'kernels are compiled once on a CPU, and only there',
  )
})

t('memory: a ResNet-18 step within 1.15 of the lower bound', () => {
  const model = new ResNet(still, RESNET18, 1000)
  const params = model.parameters()
  const optimizer = new SGD(params)
  const x = persistent([8, 3, 64, 64])
  const labels = persistent([8], undefined, 'u32')
  const plan = Plan.record(() => {
    const { value, grads } = valueAndGrad(() => crossEntropy(model.forward(x), labels), [...params.values()])
    assert.is(grads.size, params.size)
    optimizer.step(grads)
    return [value]
  })
  const { planned, lowerBound } = plan.memory
  checkPlaces(plan)
  assert.ok(planned <= 1.15 * lowerBound, `planned ${planned}, lower bound ${lowerBound}: ${planned / lowerBound}`)
  for (const w of [x, labels, ...model.state().values(), ...optimizer.state().values()]) release(w)
})

t.run()
