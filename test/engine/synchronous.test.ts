/** Functions whose surroundings end when they return: an async one is refused. */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { scope } from '../../src/engine/eager.ts'
import { isRecordingPlan } from '../../src/engine/launch.ts'
import { Plan } from '../../src/engine/plan.ts'
import { noGrad, wantsGradient } from '../../src/engine/tape.ts'
import type { Tensor } from '../../src/engine/tensor.ts'
import { persistent, read } from '../../src/engine/transfer.ts'
import { valueAndGrad } from '../../src/ops/backward.ts'
import { scale, square } from '../../src/ops/elementwise.ts'
import { sum } from '../../src/ops/reduce.ts'

const t = suite('engine/synchronous')

t('an async function is refused by name, and all goes on as before', async () => {
  const x = persistent([2], Float32Array.of(1, 2))
  x.requiresGrad = true
  const later = async () => {
    await Promise.resolve()
    return [scale(x, 2)] as const
  }
  const failing = async (): Promise<readonly Tensor[]> => Promise.reject(new Error('never heard'))
  const refused = (name: string) =>
    new RegExp(`^Error: ${name}: its function must be synchronous, and returned a promise`)
  const throws = (f: () => unknown, name: string) => {
    try {
      f()
    } catch (error) {
      return assert.match(String(error), refused(name))
    }
    assert.unreachable(`${name} took an async function`)
  }
  for (const f of [later, failing] as unknown as (() => readonly Tensor[])[]) {
    throws(() => scope(f), 'scope')
    throws(() => Plan.record(f), 'Plan')
    throws(() => noGrad(f), 'noGrad')
    throws(() => valueAndGrad(f as unknown as () => Tensor, [x]), 'valueAndGrad')
  }
  await assertRejects(Plan.make(later as unknown as () => readonly Tensor[]), refused('Plan'))
  await new Promise(resolve => setTimeout(resolve, 5))
  assert.not(isRecordingPlan())
  assert.not(wantsGradient())
  const { grads } = valueAndGrad(() => sum(square(x)), [x])
  assert.equal([...(await read(grads.get(x)!))], [2, 4])
})

async function assertRejects(promise: Promise<unknown>, pattern: RegExp): Promise<void> {
  const error = await promise.then(
    () => undefined,
    (e: unknown) => e,
  )
  assert.match(String(error), pattern)
}

t('a scope that returns no list says so', () => {
  const wrong = (() => persistent([1])) as unknown as () => readonly Tensor[]
  assert.throws(() => scope(wrong), /scope: its function returns the tensors to keep, as a list/)
  assert.throws(() => scope((() => {}) as unknown as () => readonly Tensor[]), /as a list: \[\] for none/)
})

t.run()
