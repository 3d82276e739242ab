/** Attention's quality: shares of a map. */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { shareOf } from '../../src/run/attention_quality.ts'

const t = suite('run/attention_quality')

t('shares of a map: by the centres of its cells', () => {
  const map = Float32Array.of(1, 2, 3, 4)
  const left = (x: number) => x < 0.5
  assert.equal(shareOf(map, [2, 2], left), { mass: 0.4, area: 0.5 })
  assert.equal(
    shareOf(map, [1, 4], x => x > 0.6),
    { mass: 0.7, area: 0.5 },
  )
  assert.is(shareOf(new Float32Array(4), [2, 2], left), undefined)
})

t.run()
