/**
 * A network learns to tell two half moons apart, and its answers are drawn: all that a training needs, in one file.
 *
 *     npx tsx examples/05-two-moons.ts
 */
import { close, open, Plan, persistent, Random, read, type Tensor, valueAndGrad } from '../src/index.ts'
import { AdamW, cosine, crossEntropy, Linear, Module, relu, softmax } from '../src/index.ts'
const [N, STEPS] = [200, 300]
await open()
const random = new Random(3)
// The first half of the points lie on an arch, the others on the same arch upside down, moved into the first.
const moons = Array.from({ length: N }, (_, i) => {
  const [cos, sin] = [Math.cos, Math.sin].map(f => f((2 * Math.PI * (i % (N / 2))) / N)) as [number, number]
  const [x, y] = i >= N / 2 ? [1 - cos, 0.5 - sin] : [cos, sin]
  return [x + 0.1 * random.normal(), y + 0.1 * random.normal()] as const
})
const points = persistent([N, 2], Float32Array.from(moons.flat()))
const labels = persistent([N], new Uint32Array(N).fill(1, N / 2))

// A module finds the parameters of its fields, and gives them PyTorch's names: layers.0.weight, layers.0.bias, ...
class Net extends Module {
  readonly layers = [new Linear(random, 2, 32), new Linear(random, 32, 32), new Linear(random, 32, 2)]
  forward(x: Tensor): Tensor {
    return this.layers.reduce((h, layer, i) => layer.forward(i ? relu(h) : h), x)
  }
}
const net = new Net()
const params = net.parameters()
const adam = new AdamW(params)
const plan = await Plan.make(() => {
  const { value, grads } = valueAndGrad(() => crossEntropy(net.forward(points), labels), [...params.values()])
  adam.step(grads)
  return [value] as const
})
console.log(`${N} points, and a network 2 -> 32 -> 32 -> 2 with the parameters
${[...params.keys()].join(', ')}.
A step takes ${plan.launches.length} launches, and is replayed ${STEPS} times:\n`)
for (let i = 0; i <= STEPS; i++) {
  adam.advance(0.01 * cosine(i / STEPS))
  const [loss] = plan.run()
  if (i % 60 === 0) console.log(`  step ${`${i}`.padStart(3)}   cross-entropy ${(await read(loss))[0]!.toFixed(4)}`)
}

// A character a place of the plane, and the moons' points on top.
const [W, H] = [72, 21]
const plane = Array.from({ length: W * H }, (_, i) => [(i % W) / 20 - 1.3, 1.3 - Math.floor(i / W) / 9.5])
const probabilities = await read(softmax(net.forward(persistent([W * H, 2], Float32Array.from(plane.flat())))))
const picture = plane.map((_, i) => ' .:'[Math.floor(2.999 * probabilities[2 * i + 1]!)]!)
for (const [i, [x, y]] of moons.entries())
  picture[Math.round((1.3 - y) * 9.5) * W + Math.round((x + 1.3) * 20)] = i < N / 2 ? 'o' : 'x'
console.log(
  `\nThe plane: blank where the network says first moon (o), : where it says second (x), . where it is not sure\n`,
)
for (let y = 0; y < H; y++) console.log(`  ${picture.slice(y * W, y * W + W).join('')}`.trimEnd())

const answers = await read(net.forward(points))
const right = moons.filter((_, i) => answers[2 * i + 1]! > answers[2 * i]! === i >= N / 2).length
console.log(`\n${right} of ${N} points are on the right side of the border. No straight line could do that.`)
await close()
