/** The arms of the ablation as networks and settings. */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Zeros } from '../../src/engine/random.ts'
import { release } from '../../src/engine/transfer.ts'
import { differences } from '../../src/run/settings.ts'
import { makeRecogniser } from '../../src/tasn/recogniser.ts'
import { ARMS, type ArmName, chooseArm } from '../../src/train/arms.ts'

const t = suite('train/arms')

t('every arm describes a network that can be made, and says what it changes', () => {
  const usual = chooseArm('tasn', 'tiny', { lr: 0.01, epochs: 7 })
  for (const arm of Object.keys(ARMS) as ArmName[]) {
    const { model, training } = chooseArm(arm, 'tiny', { lr: 0.01, epochs: 7 })
    const made = makeRecogniser(new Zeros(), { ...model, classes: 4 })
    assert.ok(made.heads.includes('sharedMaster'), arm)
    assert.is(training.attentionEpochs, arm.startsWith('plain') || arm === 'true-box' ? 0 : 3, arm)
    assert.is(differences(usual, { model, training }).length > 0, arm !== 'tasn', arm)
    for (const t of made.state().values()) release(t)
  }
})

t('every arm of preset mobile can be made, of MobileNets', () => {
  for (const arm of Object.keys(ARMS) as ArmName[]) {
    const { model, training } = chooseArm(arm, 'mobile', {}, true)
    const made = makeRecogniser(new Zeros(), { ...model, classes: 4 })
    assert.is(made.classifier.channels, 256, arm)
    assert.is(training.attentionEpochs, 0, arm)
    for (const t of made.state().values()) release(t)
  }
  // Without weights for it, its attention net learns alone for a third of the epochs.
  assert.equal([chooseArm('tasn', 'mobile', {}).training].map(t => [t.epochs, t.attentionEpochs])[0], [15, 5])
})

t('however short a training, an attention net that is to learn alone does', () => {
  const alone = (epochs: number) => chooseArm('tasn', 'tiny', { epochs }).training.attentionEpochs
  assert.equal([1, 2, 3, 22, 44].map(alone), [0, 1, 1, 10, 20])
})

t('an attention net that rests from the first step has learnt before; otherwise it learns alone first', () => {
  const of = (trained: boolean, attentionEpochs?: number) => {
    const asked = { epochs: 12, ...(attentionEpochs === undefined ? {} : { attentionEpochs }) }
    const { model, training } = chooseArm('structure', 'tiny', asked, trained)
    return [training.attentionEpochs, training.attentionAfter, model.weights.attention]
  }
  assert.equal(of(true, 0), [0, 'rests', 0])
  assert.equal(of(false, 0), [0, 'rests', 0]) // refused where it is set up
  assert.equal(of(true, 4), [4, 'rests', 1])
  assert.equal(of(true), [5, 'rests', 1])
  // A single epoch is for all to learn in.
  const one = chooseArm('tasn', 'tiny', { epochs: 1 })
  assert.equal([one.training.attentionEpochs, one.training.attentionAfter], [0, 'joint'])
})

t.run()
