/** Every op and optimiser against PyTorch, on every rung: the cases of test/fixtures/ops.json. */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { scope } from '../../src/engine/eager.ts'
import { watchLaunches } from '../../src/engine/launch.ts'
import type { Shape, Tensor } from '../../src/engine/tensor.ts'
import { persistent, read, release } from '../../src/engine/transfer.ts'
import { declaredLadders, type Ladder, ladderNamed, toleranceOf } from '../../src/gpu/kernel.ts'
import { lacking, withRung } from '../../src/gpu/ladder.ts'
import { AdamW, type Optimizer, SGD } from '../../src/nn/optim.ts'
import { valueAndGrad } from '../../src/ops/backward.ts'
import * as batch from '../../src/ops/batch.ts'
import { batchNorm } from '../../src/ops/batch_norm.ts'
import { type ConvOptions, conv2d } from '../../src/ops/conv2d.ts'
import * as elementwise from '../../src/ops/elementwise.ts'
import { augment, CHANGE_SIZE, NO_CHANGE } from '../../src/ops/image.ts'
import { crossEntropy, softCrossEntropy } from '../../src/ops/loss.ts'
import { linear, matmul } from '../../src/ops/matmul.ts'
import { globalAveragePool, maxPool2d } from '../../src/ops/pool.ts'
import { cumsum, max, mean, sum } from '../../src/ops/reduce.ts'
import { resizeArea, resizeBilinear } from '../../src/ops/resize.ts'
import { sampleGrid } from '../../src/ops/sampler.ts'
import { logSoftmax, softmax } from '../../src/ops/softmax.ts'
import { Fixture, formula, formulaLabels, formulaTensor, wholeNumbers } from '../support/fixture.ts'
import { fixtureJson } from '../support/fixture_file.ts'

interface Case {
  op: string
  inputs: Shape[]
  options?: Record<string, never>
  ranges?: [number, number][]
}
const cases = (await fixtureJson('ops.json')) as Case[]

type Options = Record<string, never>
type Run = (x: Tensor[], options: Options, name: string) => Tensor
const named = <T extends Record<string, (x: Tensor, o: never) => Tensor>>(ops: T): Record<string, Run> =>
  Object.fromEntries(
    Object.entries(ops).map(([name, f]): [string, Run] => [name, ([x], o) => f(x!, Object.values(o)[0] as never)]),
  )

const OPS: Record<string, Run> = {
  ...named({ cumsum, globalAveragePool, sum, mean, max, softmax, logSoftmax, resizeArea }),
  ...named({
    relu: elementwise.relu,
    exp: elementwise.exp,
    square: elementwise.square,
    sigmoid: elementwise.sigmoid,
    tanh: elementwise.tanh,
    abs: elementwise.abs,
    log: elementwise.log,
    sqrt: elementwise.sqrt,
    power: elementwise.power,
    reshape: elementwise.reshape,
  }),
  conv2d: ([x, w, b], o) => conv2d(x!, w!, b, o),
  depthwise: ([x, w, b], o) => conv2d(x!, w!, b, o),
  multiDilation: ([x, w, b], { rates }) =>
    (rates as unknown as number[])
      .map(d => elementwise.relu(conv2d(x!, w!, b, { padding: d, dilation: d } satisfies ConvOptions)))
      .reduce(elementwise.add),
  batchNorm: ([x, weight, bias, running_mean, running_var, residual], o) =>
    batchNorm(
      x!,
      { weight: weight!, bias: bias!, running_mean: running_mean!, running_var: running_var! },
      { ...(o as { training: never }), ...(residual ? { residual } : {}) },
    ),
  matmul: ([a, b], o) => matmul(a!, b!, o),
  matmulSplit: ([a, b], o) => matmul(a!, b!, { ...(o as object), parts: 2 }),
  linear: ([x, w, b]) => linear(x!, w!, b),
  maxPool2d: ([x], { size, ...o }) => maxPool2d(x!, size!, o),
  crossEntropy: ([x], _, name) => crossEntropy(x!, formulaLabels(`${name} labels`, x!.shape[0]!, x!.shape[1]!)),
  softCrossEntropy: ([s, q], { temperature }) => softCrossEntropy(s!, q!, temperature!),
  resizeBilinear: ([x], { size, alignCorners }) => resizeBilinear(x!, size!, { alignCorners: alignCorners! }),
  scale: ([x], { factor, offset }) => elementwise.scale(x!, factor!, offset),
  add: ([a, b]) => elementwise.add(a!, b!),
  sub: ([a, b]) => elementwise.sub(a!, b!),
  mul: ([a, b]) => elementwise.mul(a!, b!),
  div: ([a, b]) => elementwise.div(a!, b!),
  bias: ([x, b]) => elementwise.bias(x!, b!),
  concat: ([a, b]) => batch.concat(a!, b!),
  slice: ([x], { from, to }) => batch.slice(x!, from!, to!),
  sampleGrid: ([x, rows, columns], { mode }) => sampleGrid(x!, { rows: rows!, columns: columns! }, mode),
}
/** The tensors that a batch norm changes beside its output. */
const STATE = ['running_mean', 'running_var'] as const

/**
 * Inputs of a case. sampleGrid's positions are drawn from -1 to 1, spread to a little beyond both edges of the image,
 * and sorted.
 */
function inputsOf(name: string, { op, inputs, ranges }: Case): Tensor[] {
  return inputs.map((shape, i) => {
    const values = formula(`${name} ${i}`, shape, ...(ranges?.[i] ?? [1, 0]))
    if (op !== 'sampleGrid' || i === 0) return persistent(shape, values)
    const pixels = inputs[0]![i + 1]!
    const [N, O] = shape as [number, number]
    const at = values.map(v => v * ((pixels + 1) / 2) + (pixels - 1) / 2)
    for (let n = 0; n < N; n++) at.subarray(n * O, (n + 1) * O).sort()
    return persistent(shape, at)
  })
}

function augmented(name: string, [n, h, w]: Shape): Tensor {
  const channel = (c: string) => wholeNumbers(`${name} ${c}`, n! * h! * w!, 256)
  const [r, g, b] = ['r', 'g', 'b'].map(channel)
  const change = formula(`${name} change`, [n!, CHANGE_SIZE], 0.5).map((v, i) => v + NO_CHANGE[i % CHANGE_SIZE]!)
  return augment(
    persistent(
      [n!, h!, w!],
      r!.map((v, i) => v | (g![i]! << 8) | (b![i]! << 16)),
    ),
    persistent([n!, CHANGE_SIZE], change),
  )
}

const t = suite('parity/ops')
let ops: Fixture
/** For rungs with tiles in half precision, whose errors are of another kind. */
let half: Fixture

t.before(async () => {
  ops = await Fixture.open('ops')
  half = await Fixture.open('ops')
})

/**
 * The error of PyTorch's float32 matters little to single ops: the floor is what sums of float32 products in any order
 * keep.
 */
const TOLERANCE = { floor: 1e-6, times: 3 }

async function compare(name: string, c: Case, coarse?: number): Promise<void> {
  if (c.op === 'augment') {
    const [y] = scope(() => [augmented(name, c.inputs[0]!)])
    await ops.same(`${name} y`, y, { floor: 4e-6 }) // positions of 66 pixels leave 17 bits for their fractions
    return
  }
  const inputs = inputsOf(name, c)
  const asked = inputs.map((_, i) => ops.has(`${name} d${i}`))
  inputs.forEach((x, i) => {
    x.requiresGrad = asked[i]!
  })
  let y!: Tensor
  let grads!: Map<Tensor, Tensor>
  const dy = formulaTensor(`${name} dy`, ops.shapeOf(`${name} y`))
  scope(() => {
    ;({ grads } = valueAndGrad(() => {
      y = OPS[c.op]!(inputs, c.options ?? {}, name)
      return sum(elementwise.mul(y, elementwise.reshape(dy, y.shape)))
    }, inputs))
    return [y, ...grads.values()]
  })
  // Fractions of pixels have no counterpart in PyTorch: there the reference is a product with weights, whose float32 is
  // worse than ours. A sum of many numbers of both signs to one leaves little: its error is to be seen against
  // the numbers. So does the teacher's gradient: its targets are nearly alike at temperature 10.
  const cancels = (['sum', 'mean', 'resizeArea'].includes(c.op) && y.size === 1) || c.op === 'softCrossEntropy'
  const to = coarse === undefined ? ops : half
  const tolerance =
    coarse !== undefined
      ? { floor: coarse }
      : cancels
        ? { floor: 6e-6, times: c.op === 'resizeArea' ? 0 : 4 }
        : c.op === 'resizeArea'
          ? { floor: 1e-6, times: 0 }
          : TOLERANCE
  await to.same(`${name} y`, y, tolerance)
  for (const [i, x] of inputs.entries()) if (asked[i]) await to.same(`${name} d${i}`, grads.get(x)!, tolerance)
  for (const [i, state] of STATE.entries())
    if (ops.has(`${name} ${state}`)) await to.same(`${name} ${state}`, inputs[3 + i]!, tolerance)
  for (const x of [...inputs, dy]) release(x)
}

const families = new Map<string, [string, Case][]>()
cases.forEach((c, i) => {
  families.set(c.op, [...(families.get(c.op) ?? []), [`${c.op} ${i}`, c]])
})
for (const [op, list] of families) {
  t(`${op}: ${list.length} case${list.length > 1 ? 's' : ''}, outputs and gradients`, async () => {
    for (const [name, c] of list) await compare(name, c)
  })
}

families.set(
  'matmulSplit',
  families.get('matmul')!.map(([name, c]) => [name, { ...c, op: 'matmulSplit' }]),
)

/** Which ladders an op climbs. */
const LADDERS: [op: string, ladder: string][] = [
  ['conv2d', 'conv2d forward'],
  ['conv2d', 'conv2d backward input'],
  ['conv2d', 'conv2d backward weight'],
  ['depthwise', 'depthwise forward'],
  ['depthwise', 'depthwise backward input'],
  ['depthwise', 'depthwise backward weight'],
  ['matmul', 'matmul'],
  ['matmulSplit', 'matmul split'],
  ['batchNorm', 'batch_norm statistics'],
  ['batchNorm', 'batch_norm normalise'],
  ['batchNorm', 'batch_norm normalise add'],
  ['batchNorm', 'batch_norm backward sums'],
  ['batchNorm', 'batch_norm backward input'],
  ['batchNorm', 'batch_norm backward input add'],
  ['softmax', 'softmax'],
  ['logSoftmax', 'softmax'],
  ['softmax', 'softmax backward'],
  ['logSoftmax', 'softmax backward'],
  ['sum', 'reduce'],
  ['max', 'reduce'],
  ['resizeArea', 'resize area'],
  ['maxPool2d', 'pool max backward'],
  ['multiDilation', 'conv2d forward'],
  ['multiDilation', 'conv2d backward weight'],
  ['linear', 'matmul'],
]
/** An op that climbs only the rungs which fit its few shapes: another op of the list has to climb them all. */
const SOME = ['multiDilation', 'linear']
/** Rungs that no fixture's shape fits: test/ops compares them with the definition. */
const NO_CASE = [
  'conv2d forward, two by two',
  'conv2d backward input, two by two',
  'conv2d backward input, halving 16',
  'conv2d backward input, halving 24',
  'conv2d backward weight, two by two',
  'conv2d forward, pointwise 64x128',
  'conv2d forward, pointwise 128x128',
  'conv2d backward input, pointwise 64x128',
  'conv2d backward input, pointwise 128x128',
  'conv2d forward, pointwise octet 16',
  'conv2d forward, pointwise octet 8',
  'conv2d backward input, pointwise octet 16',
  'conv2d backward input, pointwise octet 8',
  'conv2d backward weight, pointwise octet 16',
  'conv2d backward weight, pointwise octet 8',
  'matmul, 64x64 vec4',
  'matmul, 128x64 vec4',
  'matmul, 128x128 vec4',
  'matmul split, 64x64 vec4',
  'matmul, vectors',
]

for (const [op, name] of LADDERS) {
  t(`${name}: every rung on the cases of ${op}`, async () => {
    const l = ladderNamed(name)
    for (const rung of l.rungs) {
      if (lacking(rung)) continue // test/ops says which rungs an adapter cannot run
      let ran = false
      const stop = watchLaunches(launched => {
        ran ||= launched.rung === rung
      })
      try {
        for (const [label, c] of families.get(op)!)
          await forced(l, rung.name, () => compare(label, c, toleranceOf(rung)))
      } finally {
        stop()
      }
      if (SOME.includes(op)) continue
      const none = NO_CASE.includes(`${name}, ${rung.name}`)
      assert.ok(ran || none, `${name}, ${rung.name}, fits none of the cases of ${op}, so it was not tested`)
      assert.not(ran && none, `${name}, ${rung.name}, fits a case of ${op}: take it out of NO_CASE`)
    }
  })
}
/**
 * withRung() for a body that waits: what it launches, it launches before it first waits, so the rung is forced again
 * for each case.
 */
const forced = (l: Ladder, rung: string, body: () => Promise<void>): Promise<void> => withRung(l, rung, body)

/** Rungs of one text at another workgroup size: their bits are compared in engine/machine.test.ts. */
const COMPARED_ELSEWHERE = (l: Ladder): boolean => new Set(l.rungs.map(r => r.file)).size === 1

/** Steps of ops of which PyTorch shows nothing: ops/winograd, ops/elementwise, ops/sampler and nn/optim run them. */
const INNER = [
  'optim/sgd',
  'optim/adam',
  'bias relu backward',
  'sampler/density',
  'winograd input',
  'winograd input backward',
  'winograd output backward',
]

t('no ladder is left out', () => {
  assert.equal(
    declaredLadders()
      .filter(l => l.rungs.length > 1 && !COMPARED_ELSEWHERE(l))
      .map(l => l.name)
      .filter(name => !LADDERS.some(([, l]) => l === name))
      .sort(),
    INNER.sort(),
  )
})

t('every result of PyTorch was looked at', () => {
  ops.done()
  console.log(
    `  rungs with tiles in half precision: largest relative error ${half.worst.error.toExponential(1)} ` +
      `(${half.worst.name})`,
  )
})

// ---- optimisers
// ----------------------------------------------------------------------------------------------------------------

const OPTIMISERS: Record<string, (w: Map<string, Tensor>) => Optimizer> = {
  sgd: w => new SGD(w, { momentum: 0 }),
  'sgd momentum': w => new SGD(w, { momentum: 0.9, weightDecay: 0.01 }),
  'sgd nesterov': w => new SGD(w, { momentum: 0.8, weightDecay: 0.1, nesterov: true }),
  adamw: w => new AdamW(w),
  'adamw decay': w => new AdamW(w, { b1: 0.8, b2: 0.99, eps: 1e-6, weightDecay: 0.05 }),
}

t('optimisers: six steps, each with a rate of its own', async () => {
  const fixture = await Fixture.open('optimisers')
  for (const [name, make] of Object.entries(OPTIMISERS)) {
    const w = formulaTensor(`${name} w`, [7, 41])
    const optimiser = make(new Map([['w', w]]))
    for (let step = 0; step < 6; step++) {
      const g = formulaTensor(`${name} g${step}`, [7, 41])
      optimiser.advance(0.1 / (step + 1))
      optimiser.step(new Map([[w, g]]))
      await read(w)
      release(g)
    }
    await fixture.same(name, w, { floor: 5e-7 })
    release(w)
  }
  fixture.done()
})

t.run()
