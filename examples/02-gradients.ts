/**
 * Autograd: a gradient, the same by central differences, a descent along it, and where it is cut.
 *
 *     npx tsx examples/02-gradients.ts
 */
import { close, detached, open, parameter, persistent, read, type Tensor, valueAndGrad, write } from '../src/index.ts'
import { add, matmul, mean, square, sub } from '../src/index.ts'

await open()

// Four points on the line t = 2 x + 1. Each row of X is (x, 1), so w holds slope and offset.
const X = persistent([4, 2], Float32Array.of(-1, 1, 0, 1, 1, 1, 2, 1))
const t = persistent([4, 1], Float32Array.of(-1, 1, 3, 5))
const w = parameter([2, 1], () => 0)
const loss = (): Tensor => mean(square(sub(matmul(X, w), t)))
const lossAt = async (slope: number, offset: number): Promise<number> => {
  write(w, Float32Array.of(slope, offset))
  return (await read(loss()))[0]!
}

console.log(`loss(w) = mean of (X w - t)², for four points on the line t = 2 x + 1. At w = (0, 0):\n
               valueAndGrad()   central difference`)
const { value, grads } = valueAndGrad(loss, [w])
const [dSlope, dOffset] = await read(grads.get(w)!)
const h = 0.01
const bySlope = ((await lossAt(h, 0)) - (await lossAt(-h, 0))) / (2 * h)
const byOffset = ((await lossAt(0, h)) - (await lossAt(0, -h))) / (2 * h)
console.log(`d / d slope  ${dSlope!.toFixed(4).padStart(16)} ${bySlope.toFixed(4).padStart(20)}`)
console.log(`d / d offset ${dOffset!.toFixed(4).padStart(16)} ${byOffset.toFixed(4).padStart(20)}

The gradient is a tensor like any other, in a map from parameter to gradient. Nothing is stored on w, so nothing has
to be set to zero before the next one. The loss there is ${(await read(value))[0]!.toFixed(4)}.

Descent along it, w <- w - 0.2 dw:\n
  step   loss      slope     offset`)
let [slope, offset] = [0, 0]
for (let step = 0; step <= 32; step++) {
  const now = await lossAt(slope, offset)
  if (step === 0 || Number.isInteger(Math.log2(step)))
    console.log(`  ${`${step}`.padStart(4)}   ${[now, slope, offset].map(v => v.toFixed(5)).join('   ')}`)
  const [ds, db] = await read(valueAndGrad(loss, [w]).grads.get(w)!)
  slope -= 0.2 * ds!
  offset -= 0.2 * db!
}

console.log(`\nA gradient passes only where there is a way back on the tape. d / d slope of the mean of\n`)
const cuts = {
  'w + w': () => add(w, w),
  'w + detached(w)': () => add(w, detached(w)),
  'detached(w)': () => detached(w),
}
for (const [name, f] of Object.entries(cuts)) {
  const d = valueAndGrad(() => mean(f()), [w]).grads.get(w)
  console.log(`  ${name.padEnd(17)}${d ? (await read(d))[0] : 'is missing from the map: no way leads back to w'}`)
}
await close()
