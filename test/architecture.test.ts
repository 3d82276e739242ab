/** The architecture: which module may import which, and which may speak of what. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { importsIn } from './support/imports.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const files = ['src', 'examples', 'bench'].flatMap(folder => {
  try {
    return readdirSync(root + folder, { recursive: true, encoding: 'utf8' })
      .filter(f => f.endsWith('.ts') && !f.includes('node_modules'))
      .map(f => `${folder}/${f}`)
  } catch {
    return [] // a folder that is not there yet
  }
})
const text = new Map(files.map(f => [f, readFileSync(root + f, 'utf8')]))
/** Without comments: they may speak of anything. */
const code = (file: string): string =>
  text
    .get(file)!
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/^\s*\/\/.*$/gm, '')
    .replace(/ \/\/ .*$/gm, '')

const imports = files.flatMap(from =>
  importsIn(from, code(from))
    .filter(({ isOurs }) => isOurs)
    .map(one => ({ from, ...one })),
)

/** The folders of src/, in the order of reading: a module may import from its own folder and from earlier ones. */
const FOLDERS = ['gpu', 'engine', 'ops', 'nn', 'io', 'data', 'tasn', 'train', 'run', 'study', 'package'] as const
/** Behind them: what the package exports, and what uses it. */
const USERS = ['src/index.ts', 'src/node.ts', 'bench/', 'examples/']
const ORDER = [...FOLDERS.map(f => `src/${f}/`), ...USERS]
const place = (file: string): number => ORDER.findIndex(start => file.startsWith(start))

const t = suite('architecture')

t('every module is in a folder of the order', () => {
  assert.ok(files.length > 30)
  assert.equal(
    files.filter(f => place(f) < 0),
    [],
  )
  assert.equal(readdirSync(`${root}src`).sort(), [...FOLDERS, 'index.ts', 'node.ts', 'README.md'].sort())
})

t('imports name files that exist', () => {
  assert.equal(
    imports.filter(i => !text.has(i.to) && !existsSync(root + i.to)),
    [],
  )
})

t('no module imports from a later folder', () => {
  assert.equal(
    imports.filter(i => place(i.to) > place(i.from)).map(i => `${i.from} imports ${i.to}`),
    [],
  )
})

t('no import goes in a circle', () => {
  const state = new Map<string, 'open' | 'done'>()
  const circles: string[] = []
  const visit = (file: string, path: string[]): void => {
    if (state.get(file) === 'open') circles.push([...path.slice(path.indexOf(file)), file].join(' -> '))
    if (state.has(file)) return
    state.set(file, 'open')
    for (const i of imports) if (i.from === file && !i.typeOnly) visit(i.to, [...path, file])
    state.set(file, 'done')
  }
  for (const f of files) visit(f, [])
  assert.equal(circles, [])
})

t('data and io know of tensors, packed pixels and switches only', () => {
  const allowed = /^src\/((data|io)\/|engine\/(tensor|random|transfer)\.ts|ops\/pixels\.ts|gpu\/switches\.ts)/
  assert.equal(
    imports
      .filter(i => /^src\/(data|io)\//.test(i.from) && !i.typeOnly && !allowed.test(i.to))
      .map(i => `${i.from} imports ${i.to}`),
    [],
  )
})

const speaking = (word: RegExp, inside: (f: string) => boolean): string[] =>
  files.filter(f => inside(f) && word.test(code(f)))

t('only gpu/ and engine/ speak WebGPU', () => {
  const may = /^src\/(gpu|engine)\/|^bench\/|^examples\/browser\/support\.ts$/
  assert.equal(
    speaking(/\bGPU[A-Z]\w+|\bnavigator\??\.gpu\b/, f => !may.test(f)),
    [],
  )
  // Tensor only keeps the buffer: it neither makes nor uses one.
  assert.equal(code('src/engine/tensor.ts').match(/\bGPU\w+/g), ['GPUBuffer'])
})

t('ops do not speak of buffers, models not of kernels', () => {
  assert.equal(
    speaking(/[bB]uffer/, f => f.startsWith('src/ops/')),
    [],
  )
  assert.equal(
    speaking(/\bkernel\(|\blaunch\(|\.wgsl|gpu\/(?!switches)/, f =>
      /^src\/(tasn|io|data)\/|^src\/nn\/(?!optim)/.test(f),
    ),
    [],
  )
})

t('no default exports', () => {
  assert.equal(
    speaking(/\bexport default\b/, () => true),
    [],
  )
})

t('every module opens with a sentence that says what it is for', () => {
  assert.equal(
    files.filter(
      f =>
        !text
          .get(f)!
          .replace(/^#!.*\n/, '')
          .startsWith('/**'),
    ),
    [],
  )
})

/** Longest files and lines. Where one grows over it, it has become two rooms. */
const MOST_LINES = 200
const MOST_COLUMNS = 120

t('no file of src/ is too long for one idea, and no line for a screen', () => {
  const tests = readdirSync(`${root}test`, { recursive: true, encoding: 'utf8' })
    .filter(f => f.endsWith('.ts') && !f.includes('node_modules'))
    .map(f => `test/${f}`)
  const lines = (f: string): string[] => (text.get(f) ?? readFileSync(root + f, 'utf8')).split('\n')
  const long = files.filter(f => f.startsWith('src/') && lines(f).length - 1 > MOST_LINES)
  assert.equal(long, [])
  const wide = [...files, ...tests].flatMap(f =>
    lines(f).flatMap((l, i) => (l.length > MOST_COLUMNS ? `${f}:${i + 1}` : [])),
  )
  assert.equal(wide, [])
})

t('no doc comment hides its subject behind a question word', () => {
  const question = /^\s*(?:\/\*\*|\*) (?:What|Whether|Of|Where)\b/
  const found = files.flatMap(f =>
    text
      .get(f)!
      .split('\n')
      .flatMap((l, i) => (question.test(l) ? `${f}:${i + 1}` : [])),
  )
  assert.equal(found, [])
})

t('every op has a test of its name', () => {
  const tests = readdirSync(`${root}test/ops`)
  assert.equal(
    readdirSync(`${root}src/ops`)
      .map(f => f.replace(/(_blocks|_ladders|_rows|_rungs|_shape)?\.ts/, '.test.ts'))
      .filter(f => !tests.includes(f)),
    [],
  )
})

t.run()
