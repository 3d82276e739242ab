/** The words for a preset that is made for trained weights. */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { untrainedText } from '../../src/run/pretrained.ts'

const t = suite('run/pretrained')

t('a preset that is made for trained weights says which are missing, and where to get some', () => {
  const text = (given: object, attends = true, preset: 'mobile' | 'tiny' = 'mobile') =>
    untrainedText({ preset, arm: 'tasn', seed: 0, ...given }, attends)
  assert.match(text({})!, /no --pretrained and no --pretrained-attention: .*examples\/README\.md says where/)
  assert.match(text({ pretrained: 'w' })!, /there is no --pretrained-attention: /)
  assert.match(text({ pretrainedAttention: 'w' })!, /there is no --pretrained: /)
  assert.is(text({ pretrained: 'w', pretrainedAttention: 'w' }), undefined)
  assert.is(text({ pretrained: 'w' }, false), undefined) // a plain classifier has no attention net
  assert.is(text({}, true, 'tiny'), undefined)
})

t.run()
