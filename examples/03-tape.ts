/**
 * A tape by hand: five ops with their numbers, walked backwards as valueAndGrad() does it.
 *
 *     npx tsx examples/03-tape.ts
 */
import { taped } from '../src/engine/tape.ts'
import { close, constant, open, parameter, persistent, read, type Tensor, valueAndGrad } from '../src/index.ts'
import { add, mul, relu, square, sum } from '../src/index.ts'

await open()
const text = async (t: Tensor): Promise<string> => `(${(await read(t)).join(', ')})`

const x = persistent([2], Float32Array.of(2, -1))
const values = [3, 1]
const w = parameter([2], () => values.shift()!)
const loss = (): Tensor => sum(square(add(relu(mul(w, x)), w)))

const { nodes } = taped(loss)
const names = new Map<Tensor, string>([[x, 'x'], [w, 'w'], ...nodes.map((n, i) => [n.out, `t${i + 1}`] as const)])
const name = (t: Tensor): string => names.get(t)!

console.log(`loss = sum((relu(w x) + w)²) at w = ${await text(w)}, x = ${await text(x)}

Forward. While a gradient is wanted, each op puts one line on the tape: its output, its name, its parents, and a
function from the gradient of the output to the gradients of the parents.\n`)
for (const [i, { name: op, out, parents }] of nodes.entries())
  console.log(`  ${i + 1}  ${name(out)} = ${op}(${parents.map(name).join(', ')})`.padEnd(26) + (await text(out)))

console.log(`
Backward. The last line's output is the loss, and d loss / d loss = 1. From there the tape is read upwards: each line
gives its parents their gradients. A parent that has one already, because it was used twice, gets the sum.\n`)
const grads = new Map<Tensor, Tensor>([[nodes.at(-1)!.out, constant([1], 1)]])
for (const [i, node] of [...nodes.entries()].reverse()) {
  const dOut = grads.get(node.out)!
  console.log(`  ${i + 1}  d${name(node.out)} = ${await text(dOut)} goes into ${node.name}`)
  const given = node.backward(dOut, () => undefined) // undefined: let us add the gradients up ourselves
  for (const [k, parent] of node.parents.entries()) {
    const d = given[k] as Tensor | null
    if (!d || !parent.requiresGrad) {
      console.log(`       ${name(parent)} wants none: it is not a parameter`)
      continue
    }
    const before = grads.get(parent)
    grads.set(parent, before ? add(before, d) : d)
    const same = d === dOut ? `, the very tensor d${name(node.out)}` : ''
    const already = before && ` and had ${await text(before)}: together ${await text(grads.get(parent)!)}`
    console.log(`       ${name(parent)} gets ${await text(d)}${already ?? same}`)
  }
}

const own = valueAndGrad(loss, [w]).grads.get(w)!
console.log(`
By hand dw = ${await text(grads.get(w)!)}, by valueAndGrad() ${await text(own)}. By calculus: where w x > 0 the loss is
(w x + w)², of slope 2 (x + 1)² w = 54; elsewhere it is w², of slope 2 w = 2.

Line 3 gave one tensor to two parents. Had the sum for w been added into it in place, t2 would have had it in its
gradient, too. So gradients are never added in place: a sum is a new tensor.`)
await close()
