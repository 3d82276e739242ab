/**
 * Distillation on the logits of a teacher and a student: soft targets, the temperature, and the factor T².
 *
 *     npx tsx examples/09-distillation.ts
 */
import { close, open, parameter, persistent, readAll, softmax } from '../src/index.ts'
import { crossEntropy, softCrossEntropy, valueAndGrad } from '../src/index.ts'
await open()

const SPECIES = ['ringed Tit', 'browed Tit', 'Finch', 'Robin', 'Sunbird']
const teacher = [6, 4.5, 1, 0, -1] // part-net has seen the eye ring: a Tit, and rather the ring-eyed one
const student = [3, 4, 1.5, 0, 0] // master-net, at its resolution, has not
const K = SPECIES.length
const z = persistent([1, K], Float32Array.from(teacher))
const left = [...student]
const v = parameter([1, K], () => left.shift()!)
const label = persistent([1], Uint32Array.of(0))
const row = (values: ArrayLike<number>, digits: number): string =>
  Array.from(values, x => x.toFixed(digits).padStart(11)).join('')
const size = (values: ArrayLike<number>): number => Math.hypot(...Array.from(values))
const entropy = (q: Float32Array): number => -q.reduce((sum, p) => sum + p * Math.log(p), 0)

console.log(`Soft targets. A teacher's probabilities q = softmax(z / T) say more than the label: who is like whom.
A temperature T above 1 makes them softer, so that small ones count as well.

${''.padEnd(17)}${SPECIES.map(s => s.padStart(11)).join('')}
  teacher logits ${row(teacher, 1)}
  student logits ${row(student, 1)}
`)
const soft: string[] = []
for (const T of [1, 2, 4, 10, 20]) {
  const { value, grads } = valueAndGrad(() => softCrossEntropy(v, z, T), [v])
  const [q, loss, d] = (await readAll([softmax(z, 1, 1 / T), value, grads.get(v)!])) as Float32Array[]
  console.log(`  teacher, T = ${`${T}`.padEnd(3)}${row(q!, 4)}`)
  const columns = [loss![0]!, entropy(q!), loss![0]! - entropy(q!), size(d!), size(d!) * T * T]
  soft.push(`  ${`${T}`.padStart(3)}${row(columns, 4)}`)
}
console.log(`
The term. L = -sum q log softmax(student / T). No student gets it below the entropy of q.
What is above can be learnt. A uniform answer has the entropy ln ${K} = ${Math.log(K).toFixed(4)}.

    T       loss    entropy      above      |d L|   |d L| T²
${soft.join('\n')}
`)
const hard = valueAndGrad(() => crossEntropy(v, label), [v])
const [dHard] = await readAll([hard.grads.get(v)!])
const hardSize = (0.5 * size(dHard!)).toFixed(4)
console.log(`The gradient is (softmax(student / T) - q) / T. The difference shrinks with 1 / T, too, so it falls like
1 / T². Hinton et al. 2015 multiply the term by T², so that it holds. TASN does not: at the published T = 10 the soft
term pulls a hundred times less. The label's cross-entropy, at its published weight of 0.5, has |d L| = ${hardSize}.`)
await close()
