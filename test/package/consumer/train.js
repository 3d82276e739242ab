/** A small network learns to tell lines that lie from lines that stand. Prints the losses of its 20 steps. */
import {
  close,
  conv2d,
  crossEntropy,
  globalAveragePool,
  kaimingNormal,
  Linear,
  open,
  Plan,
  persistent,
  Random,
  read,
  relu,
  SGD,
  valueAndGrad,
} from 'tasn-webgpu'

await open()
const [images, side] = [32, 8]
const line = i => ((i >> 6) % 2 ? i : i >> 3) % 2
const x = persistent(
  [images, 1, side, side],
  Float32Array.from({ length: images * side * side }, (_, i) => line(i)),
)
const labels = persistent(
  [images],
  Uint32Array.from({ length: images }, (_, n) => n % 2),
)
const weight = kaimingNormal(new Random(1), [8, 1, 3, 3])
const head = new Linear(new Random(2), 8, 2)
const params = new Map([['conv', weight], ...head.parameters()])
const sgd = new SGD(params, { momentum: 0.9 })
const logits = () => head.forward(globalAveragePool(relu(conv2d(x, weight))))
const step = await Plan.make(() => {
  const { value, grads } = valueAndGrad(() => crossEntropy(logits(), labels), [...params.values()])
  sgd.step(grads)
  return [value]
})
const losses = []
for (let i = 0; i < 20; i++) {
  sgd.advance(0.1)
  losses.push((await read(step.run()[0]))[0])
}
console.log(JSON.stringify(losses))
globalThis.losses = losses
await close()
