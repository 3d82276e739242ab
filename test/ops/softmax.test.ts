/** Softmax and its logarithm: every rung, every axis, and values whose exponentials would overflow. */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { scope } from '../../src/engine/eager.ts'
import { empty } from '../../src/engine/launch.ts'
import type { Random } from '../../src/engine/random.ts'
import type { Shape } from '../../src/engine/tensor.ts'
import { persistent, read } from '../../src/engine/transfer.ts'
import { ladderNamed } from '../../src/gpu/kernel.ts'
import { lacking, withRung } from '../../src/gpu/ladder.ts'
import { logSoftmax, softmax } from '../../src/ops/softmax.ts'
import { type Case, checkRungs, type Ref } from '../support/check.ts'

const reference = ({ shape, data }: Ref, axis: number, log: boolean): Float64Array => {
  const inner = shape.slice(axis + 1).reduce((p, n) => p * n, 1)
  const L = shape[axis]!
  const y = new Float64Array(data.length)
  for (let row = 0; row < data.length / L; row++) {
    const at = (a: number) => (Math.floor(row / inner) * L + a) * inner + (row % inner)
    let largest = -Infinity
    let total = 0
    for (let a = 0; a < L; a++) largest = Math.max(largest, data[at(a)]!)
    for (let a = 0; a < L; a++) total += Math.exp(data[at(a)]! - largest)
    for (let a = 0; a < L; a++) {
      const z = data[at(a)]! - largest - Math.log(total)
      y[at(a)] = log ? z : Math.exp(z)
    }
  }
  return y
}
const wide = (random: Random, _: number, size: number): number[] =>
  Array.from({ length: size }, () => random.uniform(-4, 4))
const both = (shape: Shape, axis?: number): Case[] => [
  [[shape], x => softmax(x!, axis), ([x]) => reference(x!, axis ?? shape.length - 1, false), { inputs: wide }],
  [[shape], x => logSoftmax(x!, axis), ([x]) => reference(x!, axis ?? shape.length - 1, true), { inputs: wide }],
]

const t = suite('ops/softmax')

t('every rung agrees on every axis', async () => {
  await checkRungs(
    ['softmax', 'softmax backward'],
    [
      ...[0, 1, 2, 3].flatMap(axis => both([2, 3, 5, 7], axis)),
      ...both([3, 11]),
      ...both([1]),
      ...both([5, 1]),
      ...both([63]),
      ...both([64]),
      ...both([65]),
      ...both([67, 2]),
      ...both([3, 257]),
      ...both([131, 3], 0),
      ...both([2, 150, 3], 1),
    ],
  )
})

t('more rows than the workgroups of one grid axis', async () => {
  await checkRungs(
    ['softmax'],
    [[[[70_001, 2]], x => softmax(x!), ([x]) => reference(x!, 1, false), { tolerance: 5e-5 }]],
  )
})

t('values of 1e4 do not overflow, equal ones share', async () => {
  const x = persistent([3, 4], new Float32Array([1e4, 1e4, -1e4, 0, -1e4, -1e4, -1e4, -1e4, 3e38, 0, -3e38, 1]))
  const close = (got: Float32Array, want: number[]) => {
    assert.ok(
      got.every((v, i) => Math.abs(v - want[i]!) <= 1e-6 * Math.max(1, Math.abs(want[i]!))),
      `${got}`,
    )
  }
  for (const { name: rung } of ladderNamed('softmax').rungs.filter(r => !lacking(r))) {
    const [s, l] = withRung(ladderNamed('softmax'), rung, () => scope(() => [softmax(x), logSoftmax(x)]))
    close((await read(s)).slice(0, 8), [0.5, 0.5, 0, 0, 0.25, 0.25, 0.25, 0.25])
    assert.equal([...(await read(s)).slice(8, 10)], [1, 0])
    const ln2 = Math.log(2)
    close((await read(l)).slice(0, 8), [-ln2, -ln2, -2e4 - ln2, -1e4 - ln2, -2 * ln2, -2 * ln2, -2 * ln2, -2 * ln2])
  }
})

t('an axis that does not exist is named', () => {
  scope(() => {
    assert.throws(() => softmax(empty([2, 3]), 2), /softmax: 2 is not an axis of the shape \[2,3\]/)
    return []
  })
})

t.run()
