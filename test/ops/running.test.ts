/** Running means in place. */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { persistent, read } from '../../src/execute.ts'
import { follow } from '../../src/ops/running.ts'
import { relative } from '../support/check.ts'

const t = suite('ops/running')

t('follow: a running mean', async () => {
  const mean = persistent([67]), x = persistent([67], Float32Array.from({ length: 67 }, (_, i) => i))
  for (let k = 0; k < 3; k++) follow(mean, x, 0.75)
  assert.ok(relative(await read(mean), Array.from({ length: 67 }, (_, i) => i * (1 - 0.75 ** 3))) < 1e-6)
})

t.run()
