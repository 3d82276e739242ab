/** A small network learns to tell lines that lie from lines that stand. Prints the losses of its 20 steps. */
import * as tasn from 'tasn-webgpu'

await tasn.open({ machine: 'cpu', tune: false }) // the same rungs everywhere, for losses that can be compared
const pixel = i => ((i >> 6) % 2 ? i : i >> 3) % 2
const numbers = (kind, n, f) => kind.from(Array(n).keys(), f)
const x = tasn.persistent([32, 1, 8, 8], numbers(Float32Array, 32 * 8 * 8, pixel))
const labels = tasn.persistent(
  [32],
  numbers(Uint32Array, 32, n => n % 2),
)
const weight = tasn.kaimingNormal(new tasn.Random(1), [8, 1, 3, 3])
const head = new tasn.Linear(new tasn.Random(2), 8, 2)
const params = new Map([['conv', weight], ...head.parameters()])
const sgd = new tasn.SGD(params, { momentum: 0.9 })
const logits = () => head.forward(tasn.globalAveragePool(tasn.relu(tasn.conv2d(x, weight))))
const step = await tasn.Plan.make(() => {
  const { value, grads } = tasn.valueAndGrad(() => tasn.crossEntropy(logits(), labels), [...params.values()])
  sgd.step(grads)
  return [value]
})
globalThis.losses = []
while (globalThis.losses.length < 20) {
  sgd.advance(0.1)
  globalThis.losses.push((await tasn.read(step.run()[0]))[0])
}
console.log(JSON.stringify(globalThis.losses))
await tasn.close()
globalThis.done = true
