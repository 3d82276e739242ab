/**
 * Autograd and plans: a small network learns y = x², first step by step, then recorded once and replayed.
 *
 *     npx tsx examples/02-gradient.ts
 */
import {
  close,
  Linear,
  mean,
  open,
  Plan,
  persistent,
  Random,
  read,
  relu,
  SGD,
  scope,
  square,
  sub,
  type Tensor,
  valueAndGrad,
  write,
} from '../src/index.ts'

await open()

const random = new Random(1)
const N = 64
const inner = new Linear(random, 1, 16)
const outer = new Linear(random, 16, 1)
const params = new Map([
  ['w1', inner.weight],
  ['b1', inner.bias],
  ['w2', outer.weight],
  ['b2', outer.bias],
])
const sgd = new SGD(params, { momentum: 0.9 })

// Values that change from step to step live in persistent tensors.
const x = persistent([N, 1])
const target = persistent([N, 1])
function newBatch(): void {
  const values = Float32Array.from({ length: N }, () => random.uniform(-1, 1))
  write(x, values)
  write(
    target,
    values.map(v => v * v),
  )
}

function step(): readonly [Tensor] {
  const { value, grads } = valueAndGrad(
    () => mean(square(sub(outer.forward(relu(inner.forward(x))), target))),
    [...params.values()],
  )
  sgd.step(grads)
  return [value]
}

for (let i = 0; i < 3; i++) {
  newBatch()
  sgd.advance(0.05)
  const [loss] = scope(step) // eager: every op runs as it is called
  console.log(`eager step ${i}: loss ${(await read(loss))[0]!.toFixed(4)}`)
}

const plan = await Plan.make(step) // the same function, written down
console.log(
  `\nplan: ${plan.launches.length} launches, ${plan.memory.planned} bytes; it ` +
    `begins\n${plan.toString().split('\n').slice(0, 5).join('\n')}\n`,
)
for (let i = 0; i <= 400; i++) {
  newBatch()
  sgd.advance(0.05)
  const [loss] = plan.run()
  if (i % 100 === 0) console.log(`replayed step ${i}: loss ${(await read(loss))[0]!.toFixed(5)}`)
}

await close()
