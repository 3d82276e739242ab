/**
 * Plans: a step of training, run op by op, then recorded once and replayed: the same bits from the same function.
 *
 *     npx tsx examples/04-plan.ts
 */
import { close, open, Plan, persistent, Random, read, scope, type Tensor, valueAndGrad, write } from '../src/index.ts'
import { Linear, mean, relu, SGD, square, sub } from '../src/index.ts'
await open()

/** A network 1 -> 16 -> 1 that is to learn y = x², from one seed: each call gives the same one. */
function learner() {
  const random = new Random(1)
  const [inner, outer] = [new Linear(random, 1, 16), new Linear(random, 16, 1)]
  const params = new Map(Object.entries({ w1: inner.weight, b1: inner.bias, w2: outer.weight, b2: outer.bias }))
  const sgd = new SGD(params, { momentum: 0.9 })
  // A recording is frozen. What changes from step to step lives in persistent tensors, written before each step.
  const [x, target] = [persistent([64, 1]), persistent([64, 1])]
  function step(): readonly [Tensor] {
    const loss = () => mean(square(sub(outer.forward(relu(inner.forward(x))), target)))
    const { value, grads } = valueAndGrad(loss, [...params.values()])
    sgd.step(grads)
    return [value]
  }
  /** 401 new batches, each followed by `run`: the loss of every hundredth. */
  async function train(run: () => readonly [Tensor], losses: number[] = []): Promise<number[]> {
    for (let i = 0; i <= 400; i++) {
      const values = new Float32Array(64).map(() => random.uniform(-1, 1))
      const squares = values.map(v => v * v)
      write(x, values)
      write(target, squares)
      sgd.advance(0.05)
      const [loss] = run()
      if (i % 100 === 0) losses.push((await read(loss))[0]!)
    }
    return losses
  }
  return { step, train }
}
const [one, other] = [learner(), learner()]
const plan = await Plan.make(one.step)
const { planned, unplanned } = plan.memory
console.log(`A step is one function: forward, backward, optimiser. Plan.make() calls it once, with tensors that have no
memory. Nothing runs, but then all launches are known:

${plan}

A line has the shader, its workgroups, and its tensors by their names in the shader. @b+o says: in shared buffer b, o
bytes from its start. First and last use of each are known, and those that are not alive together share bytes:
${planned} in place of ${unplanned}. Tensors without @ outlast the step.

plan.run() replays the launches and makes nothing new. The same network and the same batches, both ways:

  step   loss, replayed   loss, op by op`)
const replayed = await one.train(() => plan.run())
const eager = await other.train(() => scope(other.step))
for (const [i, loss] of replayed.entries())
  console.log(`  ${`${100 * i}`.padStart(4)}   ${loss.toFixed(8).padStart(14)}   ${eager[i]!.toFixed(8).padStart(14)}`)
console.log(`\nAll losses are equal to the last bit: ${eager.every((loss, i) => loss === replayed[i])}.`)
await close()
