/**
 * What is not finite stays so, on every rung, forward and backward, eagerly and in a plan. The right values are those
 * that PyTorch 1.13 (CPU) gives for the same inputs.
 */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { scope } from '../../src/engine/eager.ts'
import { launch } from '../../src/engine/launch.ts'
import { Plan } from '../../src/engine/plan.ts'
import type { Shape, Tensor } from '../../src/engine/tensor.ts'
import { persistent, read, readU32, release, write } from '../../src/engine/transfer.ts'
import { ladderNamed } from '../../src/gpu/kernel.ts'
import { lacking, withRung } from '../../src/gpu/ladder.ts'
import { AdamW, SGD } from '../../src/nn/optim.ts'
import { valueAndGrad } from '../../src/ops/backward.ts'
import { batchNorm } from '../../src/ops/batch_norm.ts'
import { conv2d } from '../../src/ops/conv2d.ts'
import {
  abs,
  addRelu,
  bias,
  exp,
  log,
  mul,
  power,
  relu,
  relu6,
  scale,
  sigmoid,
  sqrt,
  tanh,
} from '../../src/ops/elementwise.ts'
import { augment, CHANGE_SIZE, NO_CHANGE } from '../../src/ops/image.ts'
import { crossEntropy, softCrossEntropy } from '../../src/ops/loss.ts'
import { matmul } from '../../src/ops/matmul.ts'
import { maxPool2d } from '../../src/ops/pool.ts'
import { cumsum, max, mean, sum } from '../../src/ops/reduce.ts'
import { resizeArea, resizeBilinear } from '../../src/ops/resize.ts'
import { sampleGrid } from '../../src/ops/sampler.ts'
import { logSoftmax, softmax } from '../../src/ops/softmax.ts'

const nan = Number.NaN
const inf = Infinity

/** Near means the same NaN, the same infinity, or 1e-5. */
function near(got: ArrayLike<number>, want: readonly number[], what: string): void {
  assert.is(got.length, want.length, what)
  const same = (a: number, b: number) =>
    Object.is(a, b) || a === b || Math.abs(a - b) <= 1e-5 * Math.max(1, Math.abs(b))
  assert.ok(
    want.every((v, i) => same(got[i]!, v)),
    `${what}: found ${Array.from(got)}, wanted ${want}`,
  )
}

interface Case {
  readonly name: string
  readonly inputs: readonly (readonly [Shape, readonly number[]])[]
  readonly op: (...x: Tensor[]) => Tensor
  readonly y: readonly number[]
  /** The gradient of the first input for ones as dy. */
  readonly dx?: readonly number[]
  /** A ladder of which each rung has to give this. */
  readonly ladder?: string
}

const line: Shape = [6]
const values = [nan, -1, 0, 2, inf, -inf]
const unary = (name: string, op: (x: Tensor) => Tensor, y: number[], dx: number[]): Case => ({
  name,
  inputs: [[line, values]],
  op,
  y,
  dx,
})
const rows: Shape = [4, 3]
const hard = [nan, 1, 2, -inf, -inf, -inf, -inf, 1, 2, inf, 1, 2]
const label = (n: number) => persistent([1], Uint32Array.of(n))
const e = Math.E

const CASES: readonly Case[] = [
  { ...unary('relu', relu, [nan, 0, 0, 2, inf, 0], [1, 0, 0, 1, 1, 0]), ladder: 'elementwise/relu' },
  { ...unary('its gradient', relu, [nan, 0, 0, 2, inf, 0], [1, 0, 0, 1, 1, 0]), ladder: 'elementwise/relu_backward' },
  { ...unary('relu6', relu6, [nan, 0, 0, 2, 6, 0], [1, 0, 0, 1, 0, 0]), ladder: 'elementwise/relu6' },
  { ...unary('its gradient', relu6, [nan, 0, 0, 2, 6, 0], [1, 0, 0, 1, 0, 0]), ladder: 'elementwise/relu6_backward' },
  { ...unary('addRelu', x => addRelu(x, scale(x, 0, 1)), [nan, 0, 1, 3, nan, nan], [1, 0, 1, 1, 1, 1]) },
  unary('abs', abs, [nan, 1, 0, 2, inf, inf], [0, -1, 0, 1, 1, -1]),
  unary('exp', exp, [nan, 1 / e, 1, e * e, inf, 0], [nan, 1 / e, 1, e * e, inf, 0]),
  unary('log', log, [nan, nan, -inf, Math.log(2), inf, nan], [nan, -1, inf, 0.5, 0, -0]),
  unary('sqrt', sqrt, [nan, nan, 0, Math.SQRT2, inf, nan], [nan, nan, inf, Math.SQRT1_2 / 2, 0, nan]),
  unary('sigmoid', sigmoid, [nan, 0.2689414, 0.5, 0.8807971, 1, 0], [nan, 0.1966119, 0.25, 0.1049936, 0, 0]),
  unary('tanh', tanh, [nan, -0.7615942, 0, 0.9640276, 1, -1], [nan, 0.4199743, 1, 0.0706508, 0, 0]),
  { name: 'power', inputs: [[[4], [nan, 0, 2, inf]]], op: x => power(x, 2), y: [nan, 0, 4, inf], dx: [nan, 0, 4, inf] },
  {
    name: 'max',
    inputs: [
      [
        [4, 4],
        [1, nan, 3, nan, -inf, -inf, -inf, -inf, 1, inf, inf, 2, nan, 9, 9, 9],
      ],
    ],
    op: x => max(x, [1]),
    y: [nan, -inf, inf, nan],
    dx: [0, 1, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 1, 0, 0, 0],
    ladder: 'reduce',
  },
  {
    name: 'max over the first axis',
    inputs: [
      [
        [3, 2],
        [1, 5, nan, 4, 3, 3],
      ],
    ],
    op: x => max(x, [0]),
    y: [nan, 5],
    dx: [0, 1, 1, 0, 0, 0],
  },
  {
    name: 'sum and mean',
    inputs: [
      [
        [2, 3],
        [1, nan, 2, 1, inf, 2],
      ],
    ],
    op: x => mul(sum(x, [1]), mean(x, [1])),
    y: [nan, inf],
    ladder: 'reduce',
  },
  {
    name: 'cumsum',
    inputs: [[[5], [1, nan, 2, inf, -inf]]],
    op: cumsum,
    y: [1, nan, nan, nan, nan],
    dx: [5, 4, 3, 2, 1],
  },
  {
    name: 'maxPool2d: the last NaN of a window wins; of a window of minus infinities the first',
    inputs: [
      [
        [1, 1, 4, 3],
        [1, nan, 3, 4, nan, -inf, -inf, -inf, -inf, -inf, -inf, -inf],
      ],
    ],
    op: x => maxPool2d(x, 2, { stride: 1 }),
    y: [nan, nan, nan, nan, -inf, -inf],
    dx: [0, 0, 0, 0, 4, 0, 1, 1, 0, 0, 0, 0],
  },
  {
    name: 'maxPool2d with padding around minus infinities',
    inputs: [[[1, 1, 3, 3], new Array<number>(9).fill(-inf)]],
    op: x => maxPool2d(x, 3, { stride: 2, padding: 1 }),
    y: [-inf, -inf, -inf, -inf],
    dx: [1, 1, 0, 1, 1, 0, 0, 0, 0],
  },
  {
    name: 'softmax',
    inputs: [
      [rows, hard],
      [rows, [1, 2, 3, 1, 2, 3, 1, 2, 3, 1, 2, 3]],
    ],
    op: (x, w) => mul(softmax(x), w),
    y: [nan, nan, nan, nan, nan, nan, 0, 0.5378829, 2.1931758, nan, nan, nan],
    dx: [nan, nan, nan, nan, nan, nan, 0, -0.1966119, 0.1966119, nan, nan, nan],
    ladder: 'softmax',
  },
  {
    name: 'logSoftmax',
    inputs: [[rows, hard]],
    op: x => logSoftmax(x),
    y: [nan, nan, nan, nan, nan, nan, -inf, -1.3132617, -0.3132617, nan, nan, nan],
    ladder: 'softmax',
  },
  ...(
    [
      [[nan, 1, 2], 1, nan, [nan, nan, nan]],
      [[-inf, -inf, -inf], 1, nan, [nan, nan, nan]],
      [[-inf, 1, 2], 1, 1.3132616, [0, -0.7310586, 0.7310586]],
      [[-inf, 1, 2], 0, inf, [-1, 0.2689414, 0.7310586]],
      [[inf, 1, 2], 1, nan, [nan, nan, nan]],
    ] as const
  ).map(
    ([x, n, y, dx]): Case => ({
      name: `crossEntropy of ${x}`,
      inputs: [[[1, 3], x]],
      op: x => crossEntropy(x, label(n)),
      y: [y],
      dx,
    }),
  ),
  ...(
    [
      [
        [nan, 1, 2],
        [0, 1, 2],
      ],
      [
        [0, 1, 2],
        [nan, 1, 2],
      ],
      [
        [-inf, -inf, -inf],
        [0, 1, 2],
      ],
    ] as const
  ).map(
    ([s, q]): Case => ({
      name: `softCrossEntropy of ${s} and ${q}`,
      inputs: [
        [[1, 3], s],
        [[1, 3], q],
      ],
      op: (x, y) => softCrossEntropy(x, y, 2),
      y: [nan],
      dx: [nan, nan, nan],
    }),
  ),
  {
    name: 'matmul',
    inputs: [
      [
        [2, 2],
        [nan, 1, 1, 1],
      ],
      [
        [2, 1],
        [0, 1],
      ],
    ],
    op: (a, b) => matmul(a, b),
    y: [nan, 1],
    dx: [0, 1, 0, 1],
    ladder: 'matmul',
  },
  {
    name: 'conv2d with bias and ReLU: gradient of the filters',
    inputs: [
      [
        [2, 1, 1, 1],
        [nan, -1],
      ],
      [
        [1, 1, 2, 2],
        [1, 2, 3, 4],
      ],
      [[2], [0, 0]],
    ],
    op: (w, x, b) => conv2d(x, w, b, { relu: true }),
    y: [nan, nan, nan, nan, 0, 0, 0, 0],
    dx: [10, 0],
    ladder: 'conv2d forward',
  },
  {
    name: 'conv2d, ReLU: gradient of the image',
    inputs: [
      [
        [1, 1, 2, 2],
        [1, 2, 3, 4],
      ],
      [
        [2, 1, 1, 1],
        [nan, -1],
      ],
    ],
    op: (x, w) => conv2d(x, w, undefined, { relu: true }),
    y: [nan, nan, nan, nan, 0, 0, 0, 0],
    dx: [nan, nan, nan, nan],
    ladder: 'conv2d backward input',
  },
  {
    name: 'conv2d: gradient of a filter, of an image with a NaN',
    inputs: [
      [[1, 1, 1, 1], [2]],
      [
        [1, 1, 2, 2],
        [nan, 2, 3, 4],
      ],
    ],
    op: (w, x) => conv2d(x, w),
    y: [nan, 4, 6, 8],
    dx: [nan],
    ladder: 'conv2d backward weight',
  },
  {
    name: 'bias',
    inputs: [
      [
        [1, 2],
        [1, nan],
      ],
      [[2], [nan, 0]],
    ],
    op: bias,
    y: [nan, nan],
    dx: [1, 1],
  },
  {
    name: 'resizeBilinear',
    inputs: [
      [
        [1, 1, 2, 2],
        [1, nan, 2, 3],
      ],
    ],
    op: x => resizeBilinear(x, [3, 3]),
    y: [nan, nan, nan, nan, nan, nan, 2, 2.5, 3],
  },
  {
    name: 'resizeArea',
    inputs: [
      [
        [1, 1, 2, 4],
        [1, nan, 2, 3, 1, 1, 2, 3],
      ],
    ],
    op: x => resizeArea(x, [1, 2]),
    y: [nan, 2.5],
    ladder: 'resize area',
  },
  {
    name: 'sampleGrid at a position that is none',
    inputs: [
      [
        [1, 1, 2, 2],
        [1, 2, 3, 4],
      ],
      [
        [1, 2],
        [nan, nan],
      ],
      [
        [1, 2],
        [0, 1],
      ],
    ],
    op: (x, r, c) => sampleGrid(x, { rows: r, columns: c }),
    y: [nan, nan, nan, nan],
    dx: [nan, nan, nan, nan],
  },
]

const t = suite('engine/not_finite')

const isConstant = /resizeArea/

async function results({ inputs, op, name }: Case, around: (body: () => void) => void = body => body()) {
  const tensors = inputs.map(([shape, v]) => persistent(shape, Float32Array.from(v)))
  if (!isConstant.test(name)) for (const x of tensors) x.requiresGrad = true
  let out: Tensor[] = []
  around(() => {
    out = [
      ...scope(() => {
        let y!: Tensor
        const { grads } = valueAndGrad(() => {
          y = op(...tensors)
          return sum(y)
        }, tensors)
        const dx = grads.get(tensors[0]!)
        return dx ? [y, dx] : [y]
      }),
    ]
  })
  const numbers = await Promise.all(out.map(read))
  for (const x of [...tensors, ...out]) release(x)
  return numbers
}

for (const c of CASES) {
  t(c.name, async () => {
    const compare = ([y, dx]: ArrayLike<number>[], where: string) => {
      near(y!, c.y, `${where}: y`)
      if (c.dx) near(dx!, c.dx, `${where}: dx`)
    }
    compare(await results(c), 'as chosen')
    const l = c.ladder === undefined ? undefined : ladderNamed(c.ladder)
    for (const rung of l?.rungs ?? [])
      if (!lacking(rung)) compare(await results(c, body => withRung(l!, rung.name, body)), rung.name)

    const tensors = c.inputs.map(([shape, v]) => persistent(shape, Float32Array.from(v)))
    const plan = await Plan.make(() => [c.op(...tensors)])
    near(await read(plan.run()[0]!), c.y, 'in a plan')
    plan.destroy()
    for (const x of tensors) release(x)
  })
}

t('batch norm with a ReLU, and an addition: every rung of all its ladders', async () => {
  // The first channel has a NaN, the second has none. PyTorch: F.relu(F.batch_norm(...)).
  const x = persistent([2, 2, 4], Float32Array.from([nan, 1, 2, 3, 4, 9, 1, 2, 1, 2, 3, 4, 3, 5, 7, 0]))
  const zero = persistent([2, 2, 4])
  const dy = persistent(
    [2, 2, 4],
    Float32Array.from({ length: 16 }, (_, i) => 1 + (i % 3)),
  )
  x.requiresGrad = true
  const ladders = ['statistics', 'normalise', 'normalise add', 'backward sums', 'backward input']
  for (const residual of [undefined, zero])
    for (const l of ladders.map(name => ladderNamed(`batch_norm ${name}`)))
      for (const rung of l.rungs.filter(r => !lacking(r))) {
        const [running_mean, running_var] = [persistent([2]), persistent([2], Float32Array.of(1, 1))]
        const [weight, bias] = [persistent([2], Float32Array.of(1, 1)), persistent([2])]
        weight.requiresGrad = bias.requiresGrad = true
        const norm = { weight, bias, running_mean, running_var }
        const [y, dx, dw] = withRung(l, rung.name, () =>
          scope(() => {
            const options = { training: true, relu: true, ...(residual ? { residual } : {}) }
            const { value, grads } = valueAndGrad(() => batchNorm(x, norm, options), [x, weight], dy)
            return [value, grads.get(x)!, grads.get(weight)!]
          }),
        )
        const what = `${l.name}, ${rung.name}`
        const parts = async (v: Tensor) => {
          const numbers = [...(await read(v))]
          return [0, 1].map(c => numbers.filter((_, i) => (i >> 2) % 2 === c))
        }
        for (const [broken, whole] of [await parts(y), await parts(dx)]) {
          assert.ok(broken!.every(Number.isNaN), `${what}: ${broken}`)
          assert.ok(whole!.every(Number.isFinite), `${what}: ${whole}`)
        }
        const [first, second] = await read(dw)
        assert.ok(Number.isNaN(first!) && Number.isFinite(second!), `${what}: dweight ${first}, ${second}`)
        for (const running of [running_mean, running_var]) {
          const [a, b] = await read(running)
          assert.ok(Number.isNaN(a!) && Number.isFinite(b!), `${what}: running ${a}, ${b}`)
        }
      }
})

t('a filter with a NaN: by Winograd as well, and with a batch norm in the same launch', async () => {
  const filters = Float32Array.from({ length: 9 * 64 * 64 }, (_, i) => (i < 9 ? nan : 0.01))
  const x = persistent([1, 64, 4, 4], new Float32Array(1024).fill(1))
  const w = persistent([64, 64, 3, 3], filters)
  const ones = () => persistent([64], new Float32Array(64).fill(1))
  const norm = { weight: ones(), bias: ones(), running_mean: ones(), running_var: ones() }
  for (const algorithm of ['direct', 'winograd'] as const)
    for (const fused of [{}, { norm }]) {
      const [y] = scope(() => [conv2d(x, w, undefined, { padding: 1, relu: true, algorithm, ...fused })])
      const numbers = await read(y)
      assert.ok(numbers.subarray(0, 16).every(Number.isNaN), algorithm)
      assert.ok(numbers.subarray(16).every(Number.isFinite), algorithm)
    }
})

t('augment: a change that is not a number changes to NaN', async () => {
  for (let k = 0; k < CHANGE_SIZE; k++) {
    const change = persistent(
      [1, CHANGE_SIZE],
      Float32Array.from(NO_CHANGE, (v, i) => (i === k ? nan : v)),
    )
    const [y] = scope(() => [augment(persistent([1, 4, 4], new Uint32Array(16).fill(0xff804020)), change)])
    assert.ok((await read(y)).every(Number.isNaN), `number ${k}`)
  }
})

t('optimisers write what they get', async () => {
  for (const Optimiser of [SGD, AdamW]) {
    const w = persistent([3], Float32Array.of(1, 2, 3))
    const optimiser = new Optimiser(new Map([['w', w]]))
    optimiser.advance(0.1)
    optimiser.step(new Map([[w, persistent([3], Float32Array.of(nan, 1, inf))]]))
    const [a, b, c] = await read(w)
    assert.ok(Number.isNaN(a!) && Number.isFinite(b!) && !Number.isFinite(c!), `${a} ${b} ${c}`)
  }
})

t('the check of CHECK=1 sees every NaN and both infinities, and no finite number', async () => {
  const first = persistent([1], Uint32Array.of(0xffffffff))
  const bits = new Uint32Array([0x7f800000, 0xff800000, 0x7fc00000, 0xffc00000, 0x7f800001, 0xffffffff])
  const finite = new Uint32Array([0, 0x80000000, 0x7f7fffff, 0xff7fffff, 1, 0x80000001])
  const look = async (v: number) => {
    write(first, Uint32Array.of(0xffffffff))
    const x = persistent([70], new Float32Array(70))
    const numbers = new Float32Array(70)
    new Uint32Array(numbers.buffer)[69] = v
    write(x, numbers)
    launch(ladderNamed('debug/finite'), { x, first }, { n: 70, place: 7 })
    return (await readU32(first))[0]
  }
  for (const v of bits) assert.is(await look(v), 7, v.toString(16))
  for (const v of finite) assert.is(await look(v), 0xffffffff, v.toString(16))
})

t.run()
