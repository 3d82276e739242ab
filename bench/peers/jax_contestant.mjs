/** jax-js as a contestant, everything under jit. */
import { transposed } from './layouts.mjs'
import { BLOCKS, numbers, oneHot, outputOf, RESNET, resnet18 } from './workload.mjs'

/**
 * @param jax the library.
 * @throws where it has no WebGPU device.
 */
export async function jaxJs(jax) {
  if (!(await jax.init('webgpu')).includes('webgpu')) throw new Error('jax-js has no WebGPU device here')
  jax.defaultDevice('webgpu')
  const { numpy: np, lax, nn, blockUntilReady, jit, tree, vjp, valueAndGrad } = jax
  const array = (d, shape) => np.array(d, { shape })
  const conv = (x, w, stride, padding, dilation = 1, groups = 1) =>
    lax.convGeneralDilated(
      x,
      w,
      [stride, stride],
      [
        [padding, padding],
        [padding, padding],
      ],
      { rhsDilation: [dilation, dilation], ...(groups > 1 ? { featureGroupCount: groups } : {}) },
    )
  const batchNorm = (x, weight, bias) => {
    const centred = x.sub(np.mean(x.ref, [0, 2, 3], { keepdims: true }))
    const variance = np.mean(np.square(centred.ref), [0, 2, 3], { keepdims: true })
    return centred
      .mul(np.reciprocal(np.sqrt(variance.add(1e-5))))
      .mul(weight.reshape([1, -1, 1, 1]))
      .add(bias.reshape([1, -1, 1, 1]))
  }
  const OPS = {
    matmul: () => (a, b) => np.matmul(a, b),
    conv2d: c => (x, w) => conv(x, w, c.stride, c.padding, c.dilation, c.groups),
    batchNorm: () => batchNorm,
    addRelu: () => (a, b) => nn.relu(a.add(b)),
  }

  return {
    async op(c, inputs, dyData) {
      const x = inputs.map(([, shape, d]) => array(d, shape))
      const dy = array(dyData, outputOf(c))
      const refs = () => x.map(a => a.ref)
      const forward = jit(OPS[c.op](c))
      const both = jit((dy, ...x) => {
        const [y, back] = vjp(OPS[c.op](c), x)
        const grads = back(dy)
        back.dispose?.()
        return [y, ...grads]
      })
      return {
        async forward() {
          const y = forward(...refs())
          await blockUntilReady(y)
          y.dispose()
        },
        async both() {
          const r = both(dy.ref, ...refs())
          await blockUntilReady(r)
          r.forEach(a => {
            a.dispose()
          })
        },
        async read(part) {
          if (part === 'forward') return { y: await forward(...refs()).data() }
          const [y, ...grads] = both(dy.ref, ...refs())
          const read = { y: await y.data() }
          for (const [i, [name]] of inputs.entries()) read[`d${name}`] = await grads[i].data()
          return read
        },
        free() {
          for (const a of [...x, dy]) a.dispose()
        },
      }
    },
    async resnet() {
      let p = Object.fromEntries(
        resnet18().map(([name, shape, d]) => [
          name,
          shape.length === 2 ? array(transposed(d, shape), [shape[1], shape[0]]) : array(d, shape),
        ]),
      )
      const layer = (p, x, at, stride, padding) => conv(x, p[`${at}.weight`].ref, stride, padding)
      const norm = (p, x, at) => batchNorm(x, p[`${at}.weight`].ref, p[`${at}.bias`].ref)
      const net = (p, x) => {
        x = nn.relu(norm(p, layer(p, x, 'conv1', 2, 3), 'bn1'))
        // Zeros: nothing behind a ReLU is below.
        x = lax.reduceWindow(np.pad(x, { 2: [1, 1], 3: [1, 1] }), np.max, [3, 3], [2, 2])
        for (const [at, stride] of BLOCKS) {
          const h = nn.relu(norm(p, layer(p, x.ref, `${at}.conv1`, stride, 1), `${at}.bn1`))
          const y = norm(p, layer(p, h, `${at}.conv2`, 1, 1), `${at}.bn2`)
          x = nn.relu(
            y.add(
              `${at}.downsample.0.weight` in p
                ? norm(p, layer(p, x, `${at}.downsample.0`, stride, 0), `${at}.downsample.1`)
                : x,
            ),
          )
        }
        return np.matmul(np.mean(x, [2, 3]), p['fc.weight'].ref).add(p['fc.bias'].ref)
      }
      const x = array(numbers(RESNET.x, 1), RESNET.x)
      const target = array(oneHot(), [RESNET.x[0], RESNET.classes])
      const loss = (p, x, target) => {
        const value = nn
          .logSoftmax(net(p, x), -1)
          .mul(target)
          .sum()
          .mul(-1 / RESNET.x[0])
        tree.dispose?.(p)
        return value
      }
      const forward = jit(loss)
      const step = jit((p, x, target) => {
        const [value, grads] = valueAndGrad(loss)(tree.ref(p), x, target)
        return [value, tree.map((p, g) => p.sub(g.mul(RESNET.lr)), p, grads)]
      })
      return {
        async forward() {
          return (await forward(tree.ref(p), x.ref, target.ref).data())[0]
        },
        async step() {
          const [value, next] = step(p, x.ref, target.ref)
          p = next
          const [v] = await value.data()
          await blockUntilReady(p['conv1.weight'])
          return v
        },
      }
    },
  }
}
