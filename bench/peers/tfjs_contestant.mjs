/** TensorFlow.js as a contestant. Channels last: its NCHW convolutions give wrong numbers. */
import { channelsFirst, channelsLast, filterFirst, filterLast, transposed } from './layouts.mjs'
import { BLOCKS, numbers, oneHot, outputOf, RESNET, resnet18 } from './workload.mjs'

/**
 * @param tf the library, with its WebGPU backend registered.
 * @throws where that does not start.
 */
export async function tfjs(tf) {
  if (!(await tf.setBackend('webgpu'))) throw new Error('tfjs has no WebGPU backend here')
  await tf.ready()
  const isFilter = (c, name) => c.op === 'conv2d' && name === 'w'
  /** (K,C,R,S) with channels last; depthwise (C,1,R,S) as (R,S,C,1), which lies in memory as (R,S,1,C) does. */
  const filterShape = (c, [K, C, R, S]) => (c.groups > 1 ? [R, S, K, C] : [R, S, C, K])
  const isImage = (c, shape) => c.op !== 'matmul' && shape.length === 4
  const upload = (c, name, shape, d) =>
    isFilter(c, name)
      ? tf.tensor(filterLast(d, shape), filterShape(c, shape))
      : isImage(c, shape)
        ? tf.tensor(channelsLast(d, shape), [shape[0], shape[2], shape[3], shape[1]])
        : tf.tensor(d, shape)
  const download = async (c, name, t) =>
    isFilter(c, name)
      ? filterFirst(await t.data(), t.shape)
      : isImage(c, t.shape)
        ? channelsFirst(await t.data(), t.shape)
        : t.data()
  const batchNorm = (x, weight, bias) => {
    const { mean, variance } = tf.moments(x, [0, 1, 2])
    return tf.batchNorm(x, mean, variance, bias, weight, 1e-5)
  }
  const OPS = {
    matmul: () => (a, b) => tf.matMul(a, b),
    conv2d: c => (x, w) =>
      (c.groups > 1 ? tf.depthwiseConv2d : tf.conv2d)(x, w, c.stride, c.padding, 'NHWC', c.dilation),
    batchNorm: () => batchNorm,
    addRelu: () => (a, b) => tf.relu(tf.add(a, b)),
  }

  /** Waits for a tensor by reading one element. */
  async function arrived(t) {
    const one = tf.tidy(() => tf.slice(tf.reshape(t, [-1]), [0], [1]))
    await one.data()
    one.dispose()
  }

  return {
    async op(c, inputs, dyData) {
      const f = OPS[c.op](c)
      const x = inputs.map(([name, shape, d]) => upload(c, name, shape, d))
      const dy = upload(c, 'y', outputOf(c), dyData)
      const gradients = tf.valueAndGrads(f)
      const both = () =>
        tf.tidy(() => {
          const { value, grads } = gradients(x, dy)
          return [value, ...grads]
        })
      return {
        async forward() {
          const y = tf.tidy(() => f(...x))
          await arrived(y)
          y.dispose()
        },
        async both() {
          const r = both()
          await arrived(r.at(-1))
          tf.dispose(r)
        },
        async read(part) {
          if (part === 'forward') return { y: await download(c, 'y', f(...x)) }
          const [y, ...grads] = both()
          const read = { y: await download(c, 'y', y) }
          for (const [i, [name]] of inputs.entries()) read[`d${name}`] = await download(c, name, grads[i])
          return read
        },
        free() {
          tf.dispose([...x, dy])
        },
      }
    },
    async resnet() {
      const p = Object.fromEntries(
        resnet18().map(([name, shape, d]) => [
          name,
          tf.variable(
            shape.length === 4
              ? tf.tensor(filterLast(d, shape), [shape[2], shape[3], shape[1], shape[0]])
              : shape.length === 2
                ? tf.tensor(transposed(d, shape), [shape[1], shape[0]])
                : tf.tensor(d, shape),
          ),
        ]),
      )
      const conv = (x, name, stride, pad) => tf.conv2d(x, p[`${name}.weight`], stride, pad, 'NHWC')
      const norm = (x, name) => batchNorm(x, p[`${name}.weight`], p[`${name}.bias`])
      const net = x => {
        x = tf.maxPool(tf.relu(norm(conv(x, 'conv1', 2, 3), 'bn1')), 3, 2, 1)
        for (const [at, stride] of BLOCKS) {
          const h = tf.relu(norm(conv(x, `${at}.conv1`, stride, 1), `${at}.bn1`))
          const y = norm(conv(h, `${at}.conv2`, 1, 1), `${at}.bn2`)
          x = tf.relu(
            tf.add(
              y,
              `${at}.downsample.0.weight` in p
                ? norm(conv(x, `${at}.downsample.0`, stride, 0), `${at}.downsample.1`)
                : x,
            ),
          )
        }
        return tf.add(tf.matMul(tf.mean(x, [1, 2]), p['fc.weight']), p['fc.bias'])
      }
      const x = upload({}, 'x', RESNET.x, numbers(RESNET.x, 1))
      const target = tf.tensor(oneHot(), [RESNET.x[0], RESNET.classes])
      const loss = () => tf.losses.softmaxCrossEntropy(target, net(x))
      const sgd = tf.train.sgd(RESNET.lr)
      const value = async t => {
        const [v] = await t.data()
        t.dispose()
        return v
      }
      return { forward: () => value(tf.tidy(loss)), step: () => value(sgd.minimize(loss, true)) }
    },
  }
}
