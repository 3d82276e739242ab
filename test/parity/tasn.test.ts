/**
 * TASN's pieces, its joint loss and ten steps of its training, against an independent implementation in PyTorch
 * (test/fixtures/tasn.py).
 */
import { suite } from 'uvu'
import { scope } from '../../src/engine/eager.ts'
import { Plan } from '../../src/engine/plan.ts'
import { Zeros } from '../../src/engine/random.ts'
import { sizeOf, type Tensor } from '../../src/engine/tensor.ts'
import { persistent, read, readU32, release, write } from '../../src/engine/transfer.ts'
import { SGD } from '../../src/nn/optim.ts'
import { valueAndGrad } from '../../src/ops/backward.ts'
import { add, mul } from '../../src/ops/elementwise.ts'
import { crossEntropy } from '../../src/ops/loss.ts'
import { sum } from '../../src/ops/reduce.ts'
import { resizeBilinear } from '../../src/ops/resize.ts'
import { sampleGrid, samplingGrid } from '../../src/ops/sampler.ts'
import { AttentionNet } from '../../src/tasn/attention_net.ts'
import type { TasnConfig } from '../../src/tasn/config.ts'
import { LOSS_TERMS, type TasnResult } from '../../src/tasn/heads.ts'
import { Tasn } from '../../src/tasn/network.ts'
import { trilinearAttention } from '../../src/tasn/trilinear.ts'
import { detailMap, structureMap } from '../../src/tasn/views.ts'
import { Fixture, fill, formula, formulaLabels, formulaTensor } from '../support/fixture.ts'
import { TASN_CASES as CASES, viewsOf } from '../support/tasn.ts'

const free = (...tensors: Iterable<Tensor>[]): void => {
  for (const list of tensors) for (const x of list) release(x)
}

const t = suite('parity/tasn')

// ---- pieces
// --------------------------------------------------------------------------------------------------------------------

let pieces: Fixture
t.before(async () => {
  pieces = await Fixture.open('tasn-pieces')
})

t('attention net: features, logits, every gradient, running statistics', async () => {
  const net = new AttentionNet(new Zeros(), CASES.joint.recommended!.attention, 7)
  const params = net.parameters()
  fill(net, 'net.')
  const x = formulaTensor('net x', [4, 3, 25, 31], 1.7)
  const labels = formulaLabels('net y', 4, 7)
  const df = formulaTensor('net df', pieces.shapeOf('net features'), 1e-2)
  let made!: { features: Tensor; logits: Tensor }
  let grads!: Map<Tensor, Tensor>
  const [loss] = scope(() => {
    const result = valueAndGrad(() => {
      made = net.forward(x)
      return add(crossEntropy(made.logits, labels), sum(mul(made.features, df)))
    }, [...params.values()])
    grads = result.grads
    return [result.value, made.features, made.logits, ...grads.values()]
  })
  await pieces.same('net features', made.features)
  await pieces.same('net logits', made.logits)
  await pieces.same('net loss', loss!)
  for (const [name, p] of params) await pieces.same(`net d ${name}`, grads.get(p)!, { floor: 5e-6 })
  for (const [name, s] of net.state()) if (name.includes('running')) await pieces.same(`net ${name}`, s)
  free(net.state().values(), [x, labels, df])
})

t('trilinear attention, each normalisation: maps and gradient', async () => {
  for (const [i, options] of CASES.trilinear.entries()) {
    const shape = [2, 11, 5, 7]
    const f = persistent(
      shape,
      formula(`trilinear ${i}`, shape, 0.5).map(v => Math.max(0, v)),
    )
    const dy = formulaTensor(`trilinear ${i} dy`, [2, 11, 35])
    f.requiresGrad = true
    let maps!: Tensor
    const [df] = scope(() => {
      const { grads } = valueAndGrad(() => {
        maps = trilinearAttention(f, options)
        return sum(mul(maps, dy))
      }, [f])
      return [grads.get(f)!, maps]
    })
    await pieces.same(`trilinear ${i}`, maps)
    await pieces.same(`trilinear ${i} df`, df!, { floor: 5e-6 })
    free([f, dy])
  }
})

t('structure and detail maps, with dead channels and a dead image', async () => {
  const shape = [3, 6, 4, 5]
  const values = formula('maps', shape).map((v, i) => {
    const n = Math.floor(i / 120)
    const c = Math.floor(i / 20) % 6
    return c === 1 || c === 4 || n === 2 || (n === 0 && c === 2) ? 0 : Math.max(0, v)
  })
  const f = persistent(shape, values)
  const maps = formulaTensor('maps of', [3, 6, 20], 0.5, 0.5)
  const us = [
    [0.1, 0.5, 0.9],
    [0.4, 0, 0.3],
    [0.99, 0.74, 0.6],
  ].map(u => persistent([3], Float32Array.from(u)))
  const made = scope(() => [
    structureMap(maps, f, 'live'),
    structureMap(maps, f, 'all'),
    ...us.map(u => detailMap(maps, f, u)),
  ])
  for (const [i, name] of ['live', 'all', 'detail 0', 'detail 1', 'detail 2'].entries())
    await pieces.same(`maps ${name}`, made[i]!)
  free([f, maps], us)
})

/** Kinds of maps: attention_map() of tasn.py. */
function attentionMap(name: string, shape: number[], kind: string): Float32Array<ArrayBuffer> {
  if (kind === 'empty') return new Float32Array(sizeOf(shape))
  if (kind === 'flat') return new Float32Array(sizeOf(shape)).fill(0.7)
  if (kind === 'hot') {
    const [N, H, W] = shape as [number, number, number]
    const hot = Math.floor(H / 3) * W + Math.floor(W / 2)
    return Float32Array.from({ length: N * H * W }, (_, i) =>
      i % (H * W) === hot ? 2 : i % (H * W) === hot + 1 ? 0.5 : 0.0625,
    )
  }
  if (kind === 'diamond') {
    const rows = [
      [0, 0, 1],
      [0, 1, 2, 1],
      [1, 2, 8, 2, 1],
      [0, 1, 2, 1],
      [0, 0, 1],
    ]
    return Float32Array.from({ length: 64 }, (_, i) => 0.5 + (rows[i >> 3]?.[i & 7] ?? 0))
  }
  return formula(name, shape, 0.5, 0.6).map(v => (kind === 'peak' ? v ** 6 : v))
}

t('sampling grids in both modes, samples and their image gradient', async () => {
  for (const [i, { map, image, out, kind, options }] of CASES.sampler.entries()) {
    const name = `sampler ${i}`
    const A = persistent(map, attentionMap(name, map, kind))
    const x = formulaTensor(`${name} x`, [map[0]!, 2, ...image])
    const dy = formulaTensor(`${name} dy`, [map[0]!, 2, ...out])
    x.requiresGrad = true
    let rows!: Tensor
    let columns!: Tensor
    let y!: Tensor
    const [dx] = scope(() => {
      const grid = samplingGrid(A, image, out, options)
      ;({ rows, columns } = grid)
      const { grads } = valueAndGrad(() => {
        y = sampleGrid(x, grid, options.mode)
        return sum(mul(y, dy))
      }, [x])
      return [grads.get(x)!, rows, columns, y]
    })
    // Positions in pixels come from running sums of up to 64 densities; samples and gradients read noise there, whose
    // slope is its size.
    for (const [key, v] of Object.entries({ rows, columns })) await pieces.same(`${name} ${key}`, v, { floor: 1e-6 })
    for (const [key, v] of Object.entries({ y, dx: dx! })) await pieces.same(`${name} ${key}`, v, { floor: 4e-5 })
    free([A, x, dy])
  }
})

t('every result for the pieces was looked at', () => {
  pieces.done()
})

// ---- the whole
// -----------------------------------------------------------------------------------------------------------------

/** Smooth images, labels and picks: batch() of tasn.py. */
async function batchOf(name: string, { imageSize: [H, W], classes }: TasnConfig, N: number) {
  const coarse = formulaTensor(`${name} x`, [N, 3, Math.floor(H / 6), Math.floor(W / 6)], 1.7)
  const [fine] = scope(() => [resizeBilinear(coarse, [H, W])])
  const x = persistent(fine.shape, await read(fine))
  release(coarse)
  return { x, labels: formulaLabels(`${name} y`, N, classes), u: formulaTensor(`${name} u`, [N], 0.5, 0.5) }
}

/** fill(), but two channels of the features never respond: with_dead_channels() of tasn.py. */
async function fillWithDeadChannels(model: Tasn): Promise<void> {
  fill(model)
  const bias = model.attention.dilated.at(-1)!.conv.bias!
  write(
    bias,
    (await read(bias)).map((v, i) => (i === 1 || i === 4 ? -100 : v)),
  )
}

/** Rounding grows on its way through three networks, and in gradients once more on the way back. */
const WHOLE = { floor: 4e-6, times: 4 }
const GRADIENT = { floor: 2e-5, times: 4 }

t(
  'the whole: maps, positions, samples, prediction, every term of the joint loss and every gradient, in four versions',
  async () => {
    const fixture = await Fixture.open('tasn-joint')
    for (const [name, config] of Object.entries(CASES.joint)) {
      const model = new Tasn(new Zeros(), config)
      const params = model.parameters()
      const { x, labels, u } = await batchOf(`${name} ${fixture.valueOf(`${name} input`)[0]}`, config, 5)
      await fillWithDeadChannels(model)
      model.train(false)
      let views!: Record<string, Tensor>
      const [logits] = scope(() => {
        views = viewsOf(model, x, u)
        return [model.predict(x), ...Object.values(views)]
      })
      await fixture.same(`${name} predict`, logits, WHOLE)
      for (const [key, v] of Object.entries(views)) await fixture.same(`${name} ${key}`, v, WHOLE)
      model.train()
      let result!: TasnResult
      let grads!: Map<Tensor, Tensor>
      scope(() => {
        const made = valueAndGrad(() => {
          result = model.forward(x, labels, u)
          return result.loss
        }, [...params.values()])
        grads = made.grads
        return [result.loss, ...LOSS_TERMS.map(k => result.terms[k]), ...grads.values()]
      })
      await fixture.same(`${name} loss`, result.loss, WHOLE)
      for (const term of LOSS_TERMS) await fixture.same(`${name} ${term}`, result.terms[term], WHOLE)
      for (const [path, p] of params) await fixture.same(`${name} d ${path}`, grads.get(p)!, GRADIENT)
      for (const [path, s] of model.state())
        if (path.includes('running')) await fixture.same(`${name} ${path}`, s, WHOLE)
      free(model.state().values(), [x, labels, u])
    }
    fixture.done()
  },
)

t(
  'ten steps of SGD with momentum, weight decay and a falling rate, eagerly and as a plan: losses and final weights',
  async () => {
    const config = CASES.training
    const N = 6
    for (const planned of [false, true]) {
      const fixture = await Fixture.open('tasn-training')
      const model = new Tasn(new Zeros(), config)
      const params = model.parameters()
      fill(model)
      const sgd = new SGD(params, { momentum: 0.9, weightDecay: 1e-3 })
      const inputOf = (i: number) => batchOf(`step ${i} ${fixture.valueOf(`${i} input`)[0]}`, config, N)
      const inputs = await inputOf(0)
      const step = (): readonly Tensor[] => {
        let result!: TasnResult
        const { grads } = valueAndGrad(() => {
          result = model.forward(inputs.x, inputs.labels, inputs.u)
          return result.loss
        }, [...params.values()])
        sgd.step(grads)
        return [result.loss, ...LOSS_TERMS.map(k => result.terms[k])]
      }
      const plan = planned ? await Plan.make(step) : undefined
      for (let i = 0; i < 10; i++) {
        const next = await inputOf(i)
        write(inputs.x, await read(next.x))
        write(inputs.u, await read(next.u))
        write(inputs.labels, await readU32(next.labels))
        free(Object.values(next))
        sgd.advance(0.02 * (1 - i / 12))
        const results = plan?.run() ?? scope(step)
        for (const [k, name] of ['loss', ...LOSS_TERMS].entries()) await fixture.same(`${i} ${name}`, results[k]!)
      }
      for (const [path, w] of model.state()) await fixture.same(path, w)
      fixture.done()
      plan?.destroy()
      free(model.state().values(), sgd.state().values(), Object.values(inputs))
    }
  },
)

t.run()
