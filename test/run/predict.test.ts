/**
 * examples/predict.ts: names and pictures of several photographs, and what it says, in one line, of files that are not
 * what it needs.
 */
import { execFile } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
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

const program = fileURLToPath(new URL('../../examples/predict.ts', import.meta.url))
const dir = mkdtempSync(join(tmpdir(), "it's #1 100%41 é "))
const loader = import.meta.resolve('tsx')

/** Its exit code and what it prints, but for Dawn's own lines. */
const predict = (...args: string[]): Promise<[code: number, text: string]> =>
  new Promise(resolve => {
    execFile(process.execPath, ['--import', loader, program, ...args], { cwd: dir }, (error, out, err) => {
      resolve([error ? Number(error.code) : 0, (out + err).replace(/^Warning: maxDynamic.*\n/gm, '').trimEnd()])
    })
  })

const t = suite('run/predict')
t.after(() => {
  rmSync(dir, { recursive: true })
})

/** A picture of 30 x 40 pixels. */
function paint(file: string, step: number): void {
  const png = new PNG({ width: 30, height: 40 })
  png.data.forEach((_, i) => {
    png.data[i] = (i * step) % 256
  })
  writeFileSync(join(dir, file), PNG.sync.write(png))
}

t.before(async () => {
  const model = new Tasn(new Random(4), CONFIG)
  const classes = ['wren', '\u001b[2Jcrow', 'gull', 'tern', 'lark']
  mkdirSync(join(dir, 'run'))
  await saveTensors(join(dir, 'model.safetensors'), inferenceState(model), modelMetadata({ config: CONFIG, classes }))
  copyFileSync(join(dir, 'model.safetensors'), join(dir, 'run', 'model.safetensors'))
  await saveTensors(join(dir, 'checkpoint.safetensors'), model.state(), { epoch: '3' })
  for (const w of model.state().values()) release(w)
  const { tensors, metadata } = await readTensors(join(dir, 'model.safetensors'))
  const { sha256: _, ...rest } = metadata
  tensors.get('classifier.fc.bias')!.data[4] = NaN
  writeFileSync(join(dir, 'nan.safetensors'), encodeSafetensors(tensors, rest))
  paint('bird.png', 7919)
  paint('other.png', 104729)
  writeFileSync(join(dir, 'text.txt'), 'hello')
})

const FIVE = '( +\\d+\\.\\d % {2}[^\\p{Cc}]+\\n){5}'

t('names the birds of several photos, and draws each under a name that was free', async () => {
  mkdirSync(join(dir, 'seen'))
  writeFileSync(join(dir, 'seen', 'bird-seen.png'), 'somebody else wrote this')
  const [code, text] = await predict('model.safetensors', 'bird.png', 'text.txt', 'other.png', '--out', 'seen')
  assert.is(code, 1)
  assert.match(text, /^error: text\.txt: expected a JPEG or PNG image/m)
  const drawn = (photo: string, file: string) => `${photo}\\.png\\n${FIVE} +it looked at seen/${file}\\.png\n`
  assert.match(text, new RegExp(`^${drawn('bird', 'bird-seen-2')}${drawn('other', 'other-seen')}`, 'u'))
  assert.is(readFileSync(join(dir, 'seen', 'bird-seen.png'), 'utf8'), 'somebody else wrote this')

  // Three squares of 192 pixels below their titles: the image, its map, the sample, no two alike.
  const { width, height, data } = PNG.sync.read(readFileSync(join(dir, 'seen', 'bird-seen-2.png')))
  assert.is(width, 3 * 192 + 2 * 4)
  const below = (x: number) => [...data.subarray(4 * ((height - 96) * width + x)).subarray(0, 4 * 100)]
  assert.not.equal(below(40), below(40 + 196))
  assert.not.equal(below(40), below(40 + 2 * 196))
  const titles = data.subarray(0, 4 * width * (height - 196))
  assert.ok(
    titles.some(v => v < 100),
    'text in the strip of titles',
  )

  const [again, same] = await predict('--model', 'run', 'bird.png', 'other.png', '--out', 'seen')
  assert.is(again, 0, same)
  assert.is(
    same,
    text
      .split('\n')
      .filter(line => !line.startsWith('error: '))
      .join('\n'),
  )
  assert.equal(readdirSync(join(dir, 'seen')).sort(), ['bird-seen-2.png', 'bird-seen.png', 'other-seen.png'])
})

t('the help has the command that package.json has', async () => {
  const [code, text] = await predict('--help')
  assert.is(code, 0)
  assert.match(
    text,
    /^Usage: npm run predict -- \[options\] \[files\.\.\.\]\n\nNames birds, or what your own photographs/,
  )
  const { scripts } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))
  assert.is(scripts.predict, 'node setup.mjs examples/predict.ts')
})

t('says in one line what is wrong with a model', async () => {
  const cases = [
    [['--model', 'none', 'bird.png'], /there is no none: name the folder of a run, or a model\.safetensors$/],
    [['seen', 'bird.png'], /seen has no model\.safetensors: name the folder of a run, or a model file/],
    [['text.txt', 'bird.png'], /text\.txt is not a valid \.safetensors file/],
    [['checkpoint.safetensors', 'bird.png'], /checkpoint\.safetensors holds no model of TASN: .*for --resume/],
    [['nan.safetensors', 'bird.png'], /nan\.safetensors: 1 of the 5 numbers of "classifier\.fc\.bias" are not finite/],
    [['model.safetensors'], /found only model\.safetensors: name a photograph, too$/],
    [['bird.png'], /found only bird\.png: name the model, too: --model runs\/\.\.\.$/],
    [[], /a model and a photograph are needed: npm run predict -- --model runs\/\.\.\. photo\.jpg$/],
    [['run', 'seen/'], /seen\/ is a folder: name its files, such as seen\/\*\.jpg$/],
    [['run', 'bird.png', '--out', 'text.txt'], /no picture can be written into text\.txt \(.*name a folder with --out/],
  ] as const
  const said = await Promise.all(cases.map(([args]) => predict(...args)))
  for (const [i, [, message]] of cases.entries()) {
    const [code, text] = said[i]!
    assert.is(code, 1)
    const error = text.replace(new RegExp(`^bird\\.png\\n${FIVE}`, 'mu'), '').trim()
    assert.match(error, message)
    assert.match(error, /^error: [^\n]+$/)
  }
})

t.run()
