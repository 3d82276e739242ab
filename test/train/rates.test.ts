/** Learning rates: who learns when, and on which curve. */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { ratesOf } from '../../src/train/rates.ts'

const t = suite('train/rates')
const settings = { epochs: 10, lr: 0.2, attentionLr: 0.1, warmUp: 0.1 } as const
const near = (a: number, b: number) => {
  assert.ok(Math.abs(a - b) < 1e-8, `${a} is not ${b}`)
}

t('without epochs of its own an attention net that rests never learns', () => {
  const rates = ratesOf({ ...settings, attentionAfter: 'rests' }, 0, 4)
  assert.equal(
    [rates(0, 1), rates(9, 3)].map(r => r.attention),
    [0, 0],
  )
  near(rates(5, 0).classifier, 0.1)
})

t('without epochs of its own the attention net learns with the classifier, on the same curve', () => {
  for (const attentionAfter of ['joint', 'restarts'] as const) {
    const rates = ratesOf({ ...settings, attentionAfter }, 0, 4)
    near(rates(1, 0).classifier, 0.2 * 0.5 * (1 + Math.cos(Math.PI / 10))) // just warm
    near(rates(5, 0).classifier, 0.1)
    for (const [epoch, step] of [
      [0, 0],
      [0, 2],
      [3, 1],
      [9, 3],
    ] as const)
      near(rates(epoch, step).attention, rates(epoch, step).classifier / 2)
  }
})

t('alone, the attention net has a curve of its own; then it rests or begins again', () => {
  const [rests, restarts] = (['rests', 'restarts'] as const).map(attentionAfter =>
    ratesOf({ ...settings, attentionAfter }, 4, 4),
  ) as [ReturnType<typeof ratesOf>, ReturnType<typeof ratesOf>]
  for (const rates of [rests, restarts]) {
    assert.is(rates(3, 3).classifier, 0)
    near(rates(2, 0).attention, 0.05) // half way through its own four epochs
    near(rates(4, 0).classifier, 0) // the classifier warms up now
    near(rates(7, 0).classifier, 0.1) // half way through its six
  }
  assert.is(rests(7, 0).attention, 0)
  near(restarts(7, 0).attention, 0.05)
})

t(
  "jointly after epochs of its own: one curve over all epochs for the attention net, the classifier's begins when " +
    'it does',
  () => {
    const rates = ratesOf({ ...settings, attentionAfter: 'joint' }, 4, 4)
    near(rates(5, 0).attention, 0.05)
    near(rates(7, 0).classifier, 0.1)
    assert.is(rates(0, 3).classifier, 0)
  },
)

t.run()
