/**
 * One convolution on every rung of its ladder: the same result, many times as fast, and why.
 *
 *     npx tsx examples/06-convolution.ts
 */
import { explain, rungsThatFit, withRung } from '../src/gpu/ladder.ts'
import { specialise } from '../src/gpu/shader.ts'
import { close, conv2d, finish, open, Plan, parameter, Random, read, release, scope } from '../src/index.ts'
import { wrapped } from './characters.ts'

await open()
const random = new Random(1)
const noise = (...shape: number[]) => parameter(shape, () => random.uniform(-1, 1))
const [x, w] = [noise(2, 32, 32, 32), noise(32, 32, 3, 3)]
const convolve = () => [conv2d(x, w, undefined, { padding: 1, algorithm: 'direct' })] as const

// Recording runs nothing: it tells which kernel the op launches, and with which numbers.
const { ladder, params } = Plan.record(convolve).launches[0]!
const flop = ladder.flop!(params)
console.log(`${ladder.name}, ${ladder.text!(params)}: ${(flop / 2e6).toFixed(1)} million multiply-adds.
A kernel is a ladder of rungs that compute the same. The op takes the last one that nothing speaks against, marked *.

  rung                  ms   GFLOP/s   times naive   off by   why it is taken, or not`)
const fit = rungsThatFit(ladder, params, { all: true })
let naive: { ms: number; y: Float32Array } | undefined
for (const { rung, taken, why } of explain(ladder, params)) {
  const name = `${taken ? '*' : ' '} ${rung.name.padEnd(18)}`
  if (!fit.includes(rung)) {
    console.log(`${name}${''.padEnd(41)}${why}`)
    continue
  }
  let [ms, y] = [Infinity, new Float32Array()]
  for (let i = 0; i < 4; i++) {
    const start = performance.now()
    const [out] = withRung(ladder, rung.name, () => scope(convolve))
    await finish()
    if (i > 0) ms = Math.min(ms, performance.now() - start) // the first run compiles
    y = await read(out)
    release(out)
  }
  naive ??= { ms, y }
  const { y: first } = naive
  const most = (of: (v: number, i: number) => number) => y.reduce((m, v, i) => Math.max(m, Math.abs(of(v, i))), 0)
  const off = most((v, i) => v - first[i]!) / most((_, i) => first[i]!)
  const numbers = [ms.toFixed(2), (flop / ms / 1e6).toFixed(1), (naive.ms / ms).toFixed(1), off.toExponential(0)]
  console.log(`${name}${numbers.map((n, i) => n.padStart([6, 10, 14, 9][i]!)).join('')}   ${why}`)
}

console.log(`\nWhat each file does better, from the head of its shader. One load feeds more and more products:`)
for (const file of new Set(ladder.rungs.map(r => r.file))) {
  const [head] = /^(\/\/ (?!#).*\n)+/m.exec(specialise(file))!
  const [, better] = head.replaceAll(/\n?\/\/ /g, ' ').split(/ y \(N,K,\w+,\w+\)[^.]*\. +/)
  console.log(wrapped(file.replace('conv2d/forward/', '').replace('.wgsl', ''), better!.trim()))
}
await close()
