/** onnxruntime-node, on its WebGPU or its CPU provider (PROVIDER). It has no training in JavaScript: forward only. */
import { compete } from './common.mjs'
import { model, node } from './onnx.mjs'
import { BLOCKS, numbers, oneHot, outputOf, RESNET, resnet18 } from './workload.mjs'

const { default: ort } = await import('onnxruntime-node')
const options = {
  executionProviders: [process.env.PROVIDER ?? 'webgpu'],
  graphOptimizationLevel: 'all',
  logSeverityLevel: 3,
}
const tensor = (d, shape) => new ort.Tensor('float32', d, shape)
const around = (size, padding) => ({ kernel_shape: [size, size], pads: [padding, padding, padding, padding] })

/** Training's batch norm from parts: the operator's training mode is not on every provider. */
function batchNorm(nodes, x, weight, bias, y) {
  const v = i => `${y}.${i}`
  const axes = { axes: [0, 2, 3], keepdims: 1 }
  nodes.push(
    node('ReduceMean', [x], v(0), axes),
    node('Sub', [x, v(0)], v(1)),
    node('Mul', [v(1), v(1)], v(2)),
    node('ReduceMean', [v(2)], v(3), axes),
    node('Add', [v(3), 'eps'], v(4)),
    node('Sqrt', [v(4)], v(5)),
    node('Div', [v(1), v(5)], v(6)),
    node('Mul', [v(6), weight], v(7)),
    node('Add', [v(7), bias], y),
  )
  return y
}
const EPS = ['eps', [1], Float32Array.of(1e-5)]
const perChannel = ([name, shape, d]) => [
  name,
  shape.length === 1 && name !== 'fc.bias' ? [1, shape[0], 1, 1] : shape,
  d,
]

async function session(nodes, inputs, output, constants) {
  const s = await ort.InferenceSession.create(
    model({ nodes, inputs: inputs.map(([n, shape]) => [n, shape]), outputs: [output], constants }),
    options,
  )
  const feeds = Object.fromEntries(inputs.map(([n, shape, d]) => [n, tensor(d, shape)]))
  return { run: async () => (await s.run(feeds)).y.data, free: () => s.release?.() }
}

await compete({
  without: { both: 'no gradients in JavaScript', step: 'no training in JavaScript' },
  async op(c, inputs) {
    const nodes = []
    const [first, ...rest] = inputs.map(perChannel)
    if (c.op === 'matmul') nodes.push(node('MatMul', ['a', 'b'], 'y'))
    if (c.op === 'conv2d')
      nodes.push(
        node('Conv', ['x', 'w'], 'y', {
          ...around(c.w[2], c.padding),
          strides: [c.stride, c.stride],
          dilations: [c.dilation, c.dilation],
          group: c.groups,
        }),
      )
    if (c.op === 'batchNorm') batchNorm(nodes, 'x', 'weight', 'bias', 'y')
    if (c.op === 'addRelu') nodes.push(node('Add', ['a', 'b'], 's'), node('Relu', ['s'], 'y'))
    // Weights are constants, as in a model that is served; what both sides of a sum or product bring anew is an
    // input.
    const fixed = c.op === 'conv2d' || c.op === 'batchNorm'
    const { run, free } = await session(
      nodes,
      fixed ? [first] : [first, ...rest],
      ['y', outputOf(c)],
      fixed ? [...rest, EPS] : [EPS],
    )
    return { forward: run, read: async () => ({ y: await run() }), free }
  },
  async resnet() {
    const nodes = []
    const p = resnet18()
    const has = name => p.some(([n]) => n === name)
    let count = 0
    const add = (op, inputs, attributes) => {
      const y = `v${count++}`
      nodes.push(node(op, inputs, y, attributes))
      return y
    }
    const conv = (x, at, stride, padding) => {
      const [, shape] = p.find(([n]) => n === `${at}.weight`)
      return add('Conv', [x, `${at}.weight`], { ...around(shape[2], padding), strides: [stride, stride] })
    }
    const norm = (x, at) => batchNorm(nodes, x, `${at}.weight`, `${at}.bias`, `v${count++}`)
    const relu = x => add('Relu', [x])
    let x = add('MaxPool', [relu(norm(conv('x', 'conv1', 2, 3), 'bn1'))], { ...around(3, 1), strides: [2, 2] })
    for (const [at, stride] of BLOCKS) {
      const h = relu(norm(conv(x, `${at}.conv1`, stride, 1), `${at}.bn1`))
      const y = norm(conv(h, `${at}.conv2`, 1, 1), `${at}.bn2`)
      x = relu(
        add('Add', [
          y,
          has(`${at}.downsample.0.weight`) ? norm(conv(x, `${at}.downsample.0`, stride, 0), `${at}.downsample.1`) : x,
        ]),
      )
    }
    const pooled = add('ReduceMean', [x], { axes: [2, 3], keepdims: 0 })
    const turned = add('Transpose', ['fc.weight'], { perm: [1, 0] })
    const logits = add('Add', [add('MatMul', [pooled, turned]), 'fc.bias'])
    const weighted = add('Mul', [add('LogSoftmax', [logits], { axis: -1 }), 'target'])
    nodes.push(node('ReduceSum', [weighted], 'y', { keepdims: 0 }))
    const { run } = await session(
      nodes,
      [['x', RESNET.x, numbers(RESNET.x, 1)]],
      ['y', []],
      [...p.map(perChannel), EPS, ['target', [RESNET.x[0], RESNET.classes], oneHot(-1 / RESNET.x[0])]],
    )
    return {
      async forward() {
        return (await run())[0]
      },
    }
  },
})
process.exit(0)
