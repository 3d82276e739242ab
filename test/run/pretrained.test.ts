/** First weights from files: the words for a preset that is made for them, and files that are none. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Random } from '../../src/engine/random.ts'
import { release } from '../../src/engine/transfer.ts'
import { encodeSafetensors } from '../../src/io/safetensors.ts'
import { checkFirstWeights, loadFirstWeights, untrainedText } from '../../src/run/pretrained.ts'
import { Tasn } from '../../src/tasn/network.ts'
import type { PresetName } from '../../src/train/presets.ts'
import { CONFIG } from '../support/toy_tasn.ts'
import { trainer } from '../support/trainer.ts'

const dir = mkdtempSync(join(tmpdir(), 'tasn-pretrained-'))
const at = (name: string): string => join(dir, name)
const messageOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'no error',
    (error: Error) => error.message,
  )
const t = suite('run/pretrained')
t.before(() => {
  writeFileSync(at('mobilenet.h5'), Uint8Array.of(0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a, 0))
  writeFileSync(at('other.safetensors'), encodeSafetensors(new Map([['w', { shape: [1], data: Float32Array.of(1) }]])))
})
t.after(() => {
  rmSync(dir, { recursive: true })
})

t('a preset that is made for trained weights says which are missing, and where to get some', () => {
  const text = (given: object, attends = true, preset: PresetName = 'mobile') =>
    untrainedText({ preset, arm: 'tasn', seed: 0, ...given }, attends)
  assert.match(text({})!, /no --pretrained and no --pretrained-attention: .*examples\/README\.md says where/)
  assert.match(text({ pretrained: 'w' })!, /there is no --pretrained-attention: /)
  assert.match(text({ pretrainedAttention: 'w' })!, /there is no --pretrained: /)
  assert.is(text({ pretrained: 'w', pretrainedAttention: 'w' }), undefined)
  assert.is(text({ pretrained: 'w' }, false), undefined) // a plain classifier has no attention net
  assert.match(text({}, true, 'paper')!, /^preset paper is made for weights .* no --pretrained and no --pret/)
  assert.is(text({}, true, 'tiny'), undefined)
})

t('a file that is none is told by its flag', async () => {
  const other = at('other.safetensors')
  assert.is(await messageOf(checkFirstWeights({ pretrained: other, pretrainedAttention: other })), 'no error')
  assert.is(
    await messageOf(checkFirstWeights({ pretrained: at('none') })),
    `--pretrained: there is no file ${at('none')}; examples/README.md#presets says where to get weights`,
  )
  assert.match(
    await messageOf(checkFirstWeights({ pretrained: other, pretrainedAttention: at('mobilenet.h5') })),
    /^--pretrained-attention: .*mobilenet\.h5 .* it is an HDF5 file/,
  )
  assert.match(
    await messageOf(checkFirstWeights({ pretrained: dir })),
    /^--pretrained: cannot read .*: it is not a file/,
  )
  assert.match(await messageOf(checkFirstWeights({ pretrained: '' })), /^--pretrained: there is no file/)
  const model = new Tasn(new Random(4), CONFIG)
  for (const [option, flag] of [
    ['pretrained', '--pretrained'],
    ['pretrainedAttention', '--pretrained-attention'],
  ] as const) {
    const flags = { preset: 'tiny', arm: 'tasn', seed: 0, [option]: other } as const
    assert.match(
      await messageOf(loadFirstWeights(model, flags)),
      new RegExp(`^${flag}: .*other\\.safetensors .*no ResNet or MobileNet`),
    )
  }
  for (const w of model.state().values()) release(w)
})

t('a training reads the headers before the images, and so does --verify', async () => {
  mkdirSync(at('birds')) // no data set: what is said of the weights was said before it was looked at
  const args = ['--data', at('birds'), '--run', at('run'), '--pretrained-attention', at('none')]
  for (const more of [[], ['--verify']]) {
    const { code, out } = await trainer([...args, ...more])
    assert.is(code, 1, out)
    assert.match(out, /^error: --pretrained-attention: there is no file .*none; examples/m)
    assert.not.match(out, /images\.txt/)
  }
})

t.run()
