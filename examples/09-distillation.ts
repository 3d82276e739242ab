/**
 * Distillation on the logits of a teacher and a student: soft targets, the temperature, and the factor T².
 *
 *     npx tsx examples/09-distillation.ts
 */
import { close, open, parameter, persistent, readAll, softmax } from '../src/index.ts'
import { crossEntropy, softCrossEntropy, valueAndGrad } from '../src/index.ts'
await open()

const SPECIES = ['Ring-eyed Tit', 'Browed Tit', 'Ring-eyed Finch', 'Browed Robin', 'Sunbird']
const teacher = [6, 4.5, 1, 0, -1] // part-net has seen the eye ring: a Tit, and rather the ring-eyed one
const student = [3, 4, 1.5, 0, 0] // master-net, at its resolution, has not
const K = SPECIES.length
const z = persistent([1, K], Float32Array.from(teacher))
const v = parameter(
  [1, K],
  (
    left => () =>
      left.shift()!
  )([...student]),
)
const label = persistent([1], Uint32Array.of(0))
const row = (values: ArrayLike<number>, digits: number): string =>
  Array.from(values, x => x.toFixed(digits).padStart(9)).join('')
const size = (values: ArrayLike<number>): number => Math.hypot(...Array.from(values))
const entropy = (q: Float32Array): number => -q.reduce((sum, p) => sum + p * Math.log(p), 0)

console.log(`Soft targets. A teacher's probabilities q = softmax(z / T) say more than the label: which classes are alike.
A temperature T above 1 makes them softer, so that small ones count as well.

${''.padEnd(17)}${SPECIES.map(s => s.split(' ').pop()!.padStart(9)).join('')}
  teacher logits ${row(teacher, 1)}
  student logits ${row(student, 1)}
`)
const temperatures = [1, 2, 4, 10, 20]
const soft: string[] = []
for (const T of temperatures) {
  const { value, grads } = valueAndGrad(() => softCrossEntropy(v, z, T), [v])
  const [q, loss, d] = (await readAll([softmax(z, 1, 1 / T), value, grads.get(v)!])) as Float32Array[]
  console.log(`  teacher, T = ${`${T}`.padEnd(3)}${row(q!, 4)}`)
  const [least, gradient] = [entropy(q!), size(d!)]
  soft.push(
    row([loss![0]!, least, loss![0]! - least, gradient, gradient * T * T], 4).replace(/^/, `  ${`${T}`.padStart(3)}`),
  )
}
console.log(`
The term. L = -sum q log softmax(student / T). It cannot fall below the entropy of q, which no student can change.
Only what is above that teaches. ln ${K} = ${Math.log(K).toFixed(4)} is the entropy of a uniform answer.

    T     loss  entropy    above  |d L|   |d L| T²
${soft.join('\n')}
`)
const hard = valueAndGrad(() => crossEntropy(v, label), [v])
const [dHard] = await readAll([hard.grads.get(v)!])
console.log(`The gradient is (softmax(student / T) - q) / T. The difference itself shrinks with 1 / T as well, so the gradient
falls with 1 / T². Hinton et al. 2015 multiply the term by T², which holds it where it was. TASN does not: at the
published T = 10 and weight 1 the soft term pulls a hundred times less than it would with T².

The label's cross-entropy, for comparison: |d L| = ${size(dHard!).toFixed(4)}, with its published weight of 0.5 ${(size(dHard!) / 2).toFixed(4)}.`)
await close()
