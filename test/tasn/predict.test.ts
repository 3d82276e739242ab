/** examples/03-predict.ts: what it says, in one line, of files that are not what it needs. */
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { PNG } from 'pngjs'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Random } from '../../src/engine/random.ts'
import { release } from '../../src/engine/transfer.ts'
import { readTensors, saveTensors } from '../../src/io/checkpoint.ts'
import { encodeSafetensors } from '../../src/io/safetensors.ts'
import { inferenceState } from '../../src/tasn/inference.ts'
import { modelMetadata } from '../../src/tasn/model_card.ts'
import { Tasn } from '../../src/tasn/network.ts'
import { CONFIG } from '../support/toy_tasn.ts'

const program = fileURLToPath(new URL('../../examples/03-predict.ts', import.meta.url))
const dir = mkdtempSync(join(tmpdir(), "it's #1 100%41 é "))
const loader = import.meta.resolve('tsx')

/** Its exit code and what it prints, but for Dawn's own lines. */
const predict = (...args: string[]): Promise<[code: number, text: string]> =>
  new Promise(resolve => {
    execFile(process.execPath, ['--import', loader, program, ...args], { cwd: dir }, (error, out, err) => {
      resolve([error ? Number(error.code) : 0, (out + err).replace(/^Warning: maxDynamic.*\n/gm, '').trimEnd()])
    })
  })

const t = suite('tasn/predict')
t.after(() => {
  rmSync(dir, { recursive: true })
})

t('names a bird; says in one line what is wrong with a file', async () => {
  const model = new Tasn(new Random(4), CONFIG)
  const classes = ['wren', '\u001b[2Jcrow', 'gull', 'tern', 'lark']
  await saveTensors(join(dir, 'model.safetensors'), inferenceState(model), modelMetadata({ config: CONFIG, classes }))
  await saveTensors(join(dir, 'checkpoint.safetensors'), model.state(), { epoch: '3' })
  for (const w of model.state().values()) release(w)
  const { tensors, metadata } = await readTensors(join(dir, 'model.safetensors'))
  const { sha256: _, ...rest } = metadata
  tensors.get('classifier.fc.bias')!.data[4] = NaN
  writeFileSync(join(dir, 'nan.safetensors'), encodeSafetensors(tensors, rest))
  const png = new PNG({ width: 30, height: 40 })
  png.data.forEach((_, i) => {
    png.data[i] = (i * 7919) % 256
  })
  writeFileSync(join(dir, 'bird.png'), PNG.sync.write(png))
  writeFileSync(join(dir, 'text.txt'), 'hello')

  const [code, text] = await predict('model.safetensors', 'bird.png')
  assert.is(code, 0, text)
  assert.match(text, /^( *\d+\.\d % {2}[^\p{Cc}]+\n?){3}$/u)
  for (const [args, message] of [
    [['none', 'bird.png'], /cannot read none: ENOENT/],
    [['.', 'bird.png'], /cannot read \.: it is not a file/],
    [['text.txt', 'bird.png'], /text\.txt is not a valid \.safetensors file/],
    [['checkpoint.safetensors', 'bird.png'], /checkpoint\.safetensors holds no model of TASN: .*for --resume/],
    [['nan.safetensors', 'bird.png'], /nan\.safetensors: 1 of the 5 numbers of "classifier\.fc\.bias" are not finite/],
    [['model.safetensors', 'text.txt'], /text\.txt: expected a JPEG or PNG image/],
    [['model.safetensors'], /two files are needed/],
  ] as const) {
    const [code, text] = await predict(...args)
    assert.is(code, 1)
    assert.match(text, message)
    assert.match(text, /^error: [^\n]+$/)
  }
})

t.run()
