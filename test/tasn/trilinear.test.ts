/** The trilinear product against loops. */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { scope } from '../../src/engine/eager.ts'
import { persistent, read } from '../../src/engine/transfer.ts'
import { trilinearAttention } from '../../src/tasn/trilinear.ts'
import { check, type Ref, relative } from '../support/check.ts'
import { CONFIG, draw } from '../support/toy_tasn.ts'

const t = suite('tasn/trilinear')

const softmaxRows = (m: number[][]): number[][] =>
  m.map(row => {
    const largest = Math.max(...row)
    const e = row.map(v => Math.exp(v - largest))
    const s = e.reduce((a, b) => a + b)
    return e.map(v => v / s)
  })

t('the trilinear product agrees with loops, with every kind of normalisation', async () => {
  for (const [n, C, H, W] of [
    [2, 5, 3, 4],
    [1, 1, 2, 2],
    [1, 7, 1, 1],
    [2, 9, 5, 7],
  ] as const) {
    for (const innerSoftmax of [true, false])
      for (const outerSoftmax of [true, false])
        for (const innerScale of innerSoftmax ? [1, 2, 7] : [1]) {
          await check(
            [[n, C, H, W]],
            x => trilinearAttention(x!, { innerScale, innerSoftmax, outerSoftmax }),
            ([x]: Ref[]) => {
              const L = H * W
              const y: number[] = []
              for (let b = 0; b < n; b++) {
                const X = Array.from({ length: C }, (_, c) => [...x!.data.slice((b * C + c) * L, (b * C + c + 1) * L)])
                const NX = innerSoftmax ? softmaxRows(X.map(row => row.map(v => v * innerScale))) : X
                const R = NX.map(a => X.map(b => a.reduce((s, v, l) => s + v * b[l]!, 0)))
                for (const row of outerSoftmax ? softmaxRows(R) : R)
                  for (let l = 0; l < L; l++) y.push(row.reduce((s, v, c) => s + v * X[c]![l]!, 0))
              }
              return y
            },
            { inputs: (random, _, size) => Array.from({ length: size }, () => random.uniform(0, 1)), tolerance: 2e-5 },
          )
        }
  }
})

t('dead channels all get the same map', async () => {
  const F = draw(3, 6 * 9, 0, 2)
  F.fill(0, 9, 18)
  F.fill(0, 36, 45)
  const [M] = scope(() => [trilinearAttention(persistent([1, 6, 3, 3], F), CONFIG.trilinear)])
  const m = await read(M)
  assert.equal(M.shape, [1, 6, 9])
  assert.ok(relative(m.slice(9, 18), m.slice(36, 45)) < 1e-6)
  assert.ok(relative(m.slice(0, 9), m.slice(9, 18)) > 1e-4)
})

t.run()
