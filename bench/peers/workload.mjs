/**
 * The workload that everyone gets: shapes, inputs from a counter hash, and the parameters of a ResNet-18. NCHW, weights
 * (K,C,R,S).
 */

/** `flop`: of the forward pass; `memory` instead: bound by memory. */
export const CASES = [
  { id: 'matmul 512', op: 'matmul', a: [512, 512], b: [512, 512], flop: 2 * 512 ** 3 },
  { id: 'matmul 1024', op: 'matmul', a: [1024, 1024], b: [1024, 1024], flop: 2 * 1024 ** 3 },
  { id: 'matmul 8 x 256x196x256', op: 'matmul', a: [8, 256, 196], b: [8, 196, 256], flop: 16 * 256 * 196 * 256 },
  conv('conv 3x3', [8, 64, 56, 56], [64, 64, 3, 3], { padding: 1 }),
  conv('conv 3x3, stride 2', [8, 64, 56, 56], [64, 64, 3, 3], { padding: 1, stride: 2 }),
  conv('conv 1x1', [8, 256, 14, 14], [512, 256, 1, 1], {}),
  conv('conv 3x3, dilation 2', [8, 128, 28, 28], [128, 128, 3, 3], { padding: 2, dilation: 2 }),
  conv('conv 7x7, stride 2', [4, 3, 224, 224], [64, 3, 7, 7], { padding: 3, stride: 2 }),
  conv('depthwise 3x3', [8, 128, 28, 28], [128, 1, 3, 3], { padding: 1, groups: 128 }),
  conv('depthwise 3x3, stride 2', [8, 128, 28, 28], [128, 1, 3, 3], { padding: 1, stride: 2, groups: 128 }),
  conv('conv 3x3, stride 2, a stem', [24, 3, 48, 48], [16, 3, 3, 3], { padding: 1, stride: 2 }),
  { id: 'batch norm', op: 'batchNorm', x: [8, 64, 56, 56], memory: true },
  { id: 'relu(a + b)', op: 'addRelu', x: [8, 64, 56, 56], memory: true },
]

/** A training step: cross entropy, SGD at this rate, no momentum. */
export const RESNET = { id: 'ResNet-18, 8 x 64x64', x: [8, 3, 64, 64], classes: 200, lr: 0.01 }

/** With one group for each channel it moves more bytes than it multiplies. */
function conv(id, x, w, { stride = 1, padding = 0, dilation = 1, groups = 1 }) {
  const out = n => Math.floor((n + 2 * padding - dilation * (w[2] - 1) - 1) / stride) + 1
  return {
    id,
    op: 'conv2d',
    x,
    w,
    stride,
    padding,
    dilation,
    groups,
    y: [x[0], w[0], out(x[2]), out(x[3])],
    ...(groups > 1 ? { memory: true } : { flop: 2 * x[0] * w[0] * out(x[2]) * out(x[3]) * w[1] * w[2] * w[3] }),
  }
}

/** Numbers between -scale / 2 and scale / 2. */
export function numbers(shape, seed, scale = 1) {
  const out = new Float32Array(shape.reduce((a, b) => a * b, 1))
  const start = Math.imul(seed, 0x9e3779b9) >>> 0
  for (let i = 0; i < out.length; i++) {
    let x = (i + start) >>> 0
    x ^= x >>> 16
    x = Math.imul(x, 0x7feb352d)
    x ^= x >>> 15
    x = Math.imul(x, 0x846ca68b)
    x ^= x >>> 16
    out[i] = ((x >>> 0) / 4294967296 - 0.5) * scale
  }
  return out
}

/** Inputs of a case: name, shape, data. */
export function inputsOf(c) {
  if (c.op === 'matmul')
    return [
      ['a', c.a, numbers(c.a, 1)],
      ['b', c.b, numbers(c.b, 2)],
    ]
  if (c.op === 'conv2d')
    return [
      ['x', c.x, numbers(c.x, 1)],
      ['w', c.w, numbers(c.w, 2, 2 / Math.sqrt(c.w[1] * c.w[2] * c.w[3]))],
    ]
  if (c.op === 'batchNorm')
    return [
      ['x', c.x, numbers(c.x, 1)],
      ['weight', [c.x[1]], numbers([c.x[1]], 4).map(v => 1 + 0.5 * v)],
      ['bias', [c.x[1]], numbers([c.x[1]], 5)],
    ]
  return [
    ['a', c.x, numbers(c.x, 1)],
    ['b', c.x, numbers(c.x, 2)],
  ]
}

/** Shape of a case's result. */
export const outputOf = c => c.y ?? c.x ?? [...c.a.slice(0, -1), c.b.at(-1)]

/** The gradient that comes from behind: the gradients are those of sum(y * dy). */
export const dyOf = c => numbers(outputOf(c), 3)

/** torchvision's names, in order: name, shape, data. fc.weight is (classes, 512). */
export function resnet18() {
  const found = []
  let seed = 100
  const weight = (name, K, C, size) => {
    found.push([name, [K, C, size, size], numbers([K, C, size, size], seed++, 2 * Math.sqrt(6 / (C * size * size)))])
  }
  const norm = (name, C) => {
    found.push([`${name}.weight`, [C], new Float32Array(C).fill(1)], [`${name}.bias`, [C], new Float32Array(C)])
  }
  weight('conv1.weight', 64, 3, 7)
  norm('bn1', 64)
  for (let layer = 1, C = 64; layer <= 4; layer++) {
    const K = 64 << (layer - 1)
    for (let block = 0; block < 2; block++, C = K) {
      const at = `layer${layer}.${block}`
      weight(`${at}.conv1.weight`, K, C, 3)
      norm(`${at}.bn1`, K)
      weight(`${at}.conv2.weight`, K, K, 3)
      norm(`${at}.bn2`, K)
      if (K !== C) {
        weight(`${at}.downsample.0.weight`, K, C, 1)
        norm(`${at}.downsample.1`, K)
      }
    }
  }
  const { classes } = RESNET
  return [
    ...found,
    ['fc.weight', [classes, 512], numbers([classes, 512], seed, 2 / Math.sqrt(512))],
    ['fc.bias', [classes], new Float32Array(classes)],
  ]
}

/** Blocks of the ResNet: path, stride. */
export const BLOCKS = [1, 2, 3, 4].flatMap(layer =>
  [0, 1].map(block => [`layer${layer}.${block}`, block === 0 && layer > 1 ? 2 : 1]),
)

export const labels = () => Uint32Array.from({ length: RESNET.x[0] }, (_, i) => (i * 7) % RESNET.classes)

/** labels() as (N, classes) ones and zeros. */
export function oneHot(value = 1) {
  const out = new Float32Array(RESNET.x[0] * RESNET.classes)
  labels().forEach((label, i) => {
    out[i * RESNET.classes + label] = value
  })
  return out
}
