/**
 * The documents: paths, links, commands and names that they mention are there, code that they show imports what exists,
 * prose is wrapped, and the README stays short.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { forward } from '../src/ops/conv2d_ladders.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const BOOK = 'examples/explained'
const DOCUMENTS = [
  'README.md',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
  'shaders/gpu.md',
  'src/package/README.md',
  'src/tasn/README.md',
  ...['src', 'shaders', 'bench', 'bench/results', 'test', 'examples'].map(folder => `${folder}/README.md`),
  ...['README.md', 'README.zh.md', 'CHAPTERS.md'].map(name => `${BOOK}/${name}`),
  ...readdirSync(join(root, BOOK))
    .map(folder => `${BOOK}/${folder}/chapter.md`)
    .filter(file => existsSync(join(root, file))),
]

/** Folders that are not of the repository: what is installed, drawn, or written by a run. */
const MADE = ['.git', 'node_modules', 'runs', 'data', 'dist', 'examples/browser/site', 'test/browser/screenshots']
/** Files of a run folder, and of the reader's. */
const THEIRS = [
  'config.json',
  'metrics.jsonl',
  'summary.json',
  'evaluation.json',
  'classes.csv',
  'confusion.png',
  'reliability.png',
  'answers.json',
  'plan.json',
  'profile.json',
  'checkpoint.safetensors',
  'attention.safetensors',
  'model.safetensors',
  'pictures/',
  'pictures/overview.png',
  'data/birds',
  'runs/ablate-built-in',
  'runs/predict',
  'tasn-webgpu/tuned.json',
  'tasn-webgpu/verified.json',
  'try.ts',
  'dist/',
  'tasn-webgpu.min.js',
]
/** Of the demo's site, and what test/browser writes. */
const OF_BROWSERS = ['tests/', 'test/browser/screenshots']
/** Entries of the package. */
const ENTRIES = ['train', 'birds', 'node', 'browser'].map(name => `tasn-webgpu/${name}`)
/** Files of a data set. */
const OF_DATA_SETS = [
  'images/',
  'images.txt',
  'image_class_labels.txt',
  'train_test_split.txt',
  'classes.txt',
  'bounding_boxes.txt',
  'parts/parts.txt',
  'parts/part_locs.txt',
]
/** The op that src/README.md adds on paper. */
const ON_PAPER = ['gelu', 'gelu/gelu', 'ops/gelu.ts', 'src/ops/gelu.ts', 'test/ops/gelu.test.ts']
const ON_PAPER_SHADERS = ['shaders/gelu/gelu.wgsl']
/** Switches of Mesa, the software Vulkan driver. */
const MESAS = ['LP_NATIVE_VECTOR_WIDTH', 'MESA_SHADER_CACHE_DISABLE']
/** Read by set-up and by the tests. */
const OF_TESTS = ['CHROMIUM']
/** Functions of WGSL itself; a head's name in the log. */
const NO_CALLS = ['subgroupShuffle', 'shared']

const read = (file: string): string => readFileSync(join(root, file), 'utf8')

/** All files below a folder of the repository, and its folders, which end in a slash. */
function below(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap(entry => {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`
    if (!entry.isDirectory()) return [path]
    return MADE.includes(path) || entry.name === 'node_modules' ? [] : [`${path}/`, ...below(path)]
  })
}
const paths = new Set(below(''))
const names = new Set([...paths].map(p => p.split('/').at(-1)))
const isThere = (path: string): boolean => paths.has(path) || paths.has(`${path}/`)

interface Block {
  readonly language: string
  readonly code: string
}
interface Document {
  readonly file: string
  readonly text: string
  /** Without blocks of code. */
  readonly prose: string
  readonly blocks: readonly Block[]
}
const FENCE = /^```(\w*)\n([\s\S]*?)^```$/gm
const documents: Document[] = DOCUMENTS.map(file => {
  const text = read(file)
  const blocks = [...text.matchAll(FENCE)].map(([, language, code]) => ({ language: language!, code: code! }))
  return { file, text, blocks, prose: text.replace(FENCE, '').replace(/^ {4}.*$/gm, '') }
})

/** The faults that `f` finds in each document, with the document's name. */
const faults = (f: (d: Document) => readonly string[]): string[] =>
  documents.flatMap(d => f(d).map(fault => `${d.file}: ${fault}`))
const found = (text: string, pattern: RegExp): string[] => [...text.matchAll(pattern)].map(m => m[1]!)
const inlineCode = ({ prose }: Document): string[] => found(prose, /`([^`\n]+)`/g)

const sources = [...paths].filter(p => /^(src|test|examples|bench)\/.*\.ts$/.test(p)).map(p => [p, read(p)] as const)
const shaders = [...paths].filter(p => p.endsWith('.wgsl')).map(read)

/** The names that a module exports, as far as its own text tells. */
const exportsOf = (text: string): Set<string> =>
  new Set([
    ...found(
      text,
      /^export (?:declare )?(?:abstract )?(?:async )?(?:const|let|function\*?|class|interface|type) (\w+)/gm,
    ),
    ...found(text, /^export (?:type )?\{([^}]*)\}/gm)
      .flatMap(list => list.split(','))
      .map(name =>
        name
          .trim()
          .replace(/^type /, '')
          .replace(/^.* as /, ''),
      ),
  ])
const exported = new Set(sources.flatMap(([, text]) => [...exportsOf(text)]))
const methods = new Set(
  sources.flatMap(([, text]) => found(text, /^ {2}(?:static |override |async |\*)*(\w+)(?:<.*>)?\(/gm)),
)
const functionsOfShaders = new Set(shaders.flatMap(text => found(text, /^fn (\w+)\(/gm)))

const t = suite('documents')

t('all are there', () => {
  for (const { file, text } of documents) assert.match(text, /^# /, file)
})

/** The way GitHub makes an anchor of a heading. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-')

t('each relative link leads to a file, and to a heading of it', () => {
  const links = ({ file, prose }: Document): string[] =>
    found(prose, /\]\(([^)\s]+)\)/g)
      .filter(target => !/^https?:/.test(target))
      .filter(target => {
        const [path, anchor] = target.split('#') as [string, string?]
        const to = path === '' ? file : normalize(join(dirname(file), path))
        if (!isThere(to.replace(/\/$/, ''))) return true
        return (
          anchor !== undefined &&
          !found(read(to), /^#+ (.*)$/gm)
            .map(anchorOf)
            .includes(anchor)
        )
      })
      .map(target => `the link ${target}`)
  assert.equal(faults(links), [])
})

const SOURCE_FILE = /\.(ts|mjs|wgsl|md|jsonc?|jsonl|txt|png|py|safetensors)$/
/** A path begins in the root or beside its document; a name alone may be anywhere; * stands for a part of a name. */
function pathIsThere(path: string, from: string): boolean {
  if (path.includes('*')) {
    const pattern = new RegExp(`^(.*/)?${path.replace(/[.]/g, '\\.').replaceAll('*', '[^/]*')}$`)
    return [...paths].some(p => pattern.test(p))
  }
  if (!path.includes('/')) return names.has(path)
  const bare = path.replace(/\/$/, '')
  return isThere(bare) || isThere(normalize(join(dirname(from), bare)))
}

t('each path in backticks exists', () => {
  const missing = (d: Document): string[] =>
    inlineCode(d)
      .filter(code => /^[\w.*/-]+$/.test(code) && (/\/./.test(code) || code.endsWith('/') || SOURCE_FILE.test(code)))
      .filter(
        path =>
          ![...THEIRS, ...ENTRIES, ...OF_BROWSERS, ...OF_DATA_SETS, ...ON_PAPER, ...ON_PAPER_SHADERS].includes(path),
      )
      .filter(path => !pathIsThere(path, d.file))
  assert.equal(faults(missing), [])
})

t('each command exists', () => {
  const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> }
  const missing = ({ text }: Document): string[] => [
    ...found(text, /npm run (?:-s )?([\w:-]+)/g)
      .filter(name => !(name in scripts))
      .map(name => `npm run ${name}`),
    ...found(text, /npx tsx ([\w./-]+\.ts)/g).filter(path => !THEIRS.includes(path) && !isThere(path)),
  ]
  assert.equal(faults(missing), [])
})

t('each name that is called in backticks exists', () => {
  const known = (name: string): boolean =>
    exported.has(name) || methods.has(name) || functionsOfShaders.has(name) || NO_CALLS.includes(name)
  const missing = (d: Document): string[] =>
    inlineCode(d)
      .flatMap(code => found(code, /(?:^|[\s.(])(\w+)\(/g))
      .filter(name => !ON_PAPER.includes(name) && !known(name))
      .map(name => `${name}()`)
  assert.equal(faults(missing), [])
})

t('code imports what is exported', () => {
  const missing = ({ blocks }: Document): string[] =>
    blocks
      .flatMap(({ code }) => [...code.matchAll(/^import (?:type )?\{([^}]*)\} from '(\.[^']+)'/gm)])
      .flatMap(([, list, from]) => {
        const path = from!.replace(/^(\.\.?\/)+/, '')
        if (ON_PAPER.includes(path) || ON_PAPER.includes(`src/${path}`)) return []
        const source = [path, `src/${path}`, `test/${path}`, `src/ops/${path}`].find(p => existsSync(join(root, p)))
        if (!source) return [`no file ${from}`]
        const there = exportsOf(read(source))
        // `export *` passes on what other modules export.
        const passed = /^export \* from/m.test(read(source)) ? exported : there
        return list!
          .split(',')
          .map(name => name.trim().replace(/^type /, ''))
          .filter(name => name && !there.has(name) && !passed.has(name))
          .map(name => `${source} does not export ${name}`)
      })
  assert.equal(faults(missing), [])
  const shown = documents.flatMap(d => d.blocks.filter(b => b.language === 'ts'))
  assert.ok(shown.length >= 4)
})

t('each switch of the environment is one that is read', () => {
  const read_ = new Set([
    ...found(read('src/gpu/switches.ts'), /(?:env|choice|oneOf)\('(\w+)'/g),
    'SEED',
    ...MESAS,
    ...OF_TESTS,
  ])
  const unknown = ({ text }: Document): string[] =>
    found(text, /\b([A-Z][A-Z_0-9]+)=\w/g).filter(name => !read_.has(name))
  assert.equal(faults(unknown), [])
  const table = documents.find(d => d.file === 'src/README.md')!.text
  assert.equal(
    [...read_].filter(name => !table.includes(name) && ![...MESAS, ...OF_TESTS].includes(name)),
    [],
    'switches that src/README.md leaves out',
  )
})

t('src/README.md has every folder of src, and every file of those it lists file by file', () => {
  const { text } = documents.find(d => d.file === 'src/README.md')!
  const left = [...paths]
    .filter(p => /^src\/(\w+)\/$/.test(p) || /^src\/(gpu|ops|nn|io|tasn|train|run|study)\/\w+\.ts$/.test(p))
    .filter(p => !text.includes(`\`${p.replace('src/', '')}\``))
  assert.equal(left, [])
})

t('prose is wrapped at 120 columns', () => {
  const long = ({ prose }: Document): string[] =>
    prose
      .split('\n')
      .filter(line => [...line].length > 120 && !/^(\||!\[)/.test(line))
      .map(line => `${line.slice(0, 60)}...`)
  assert.equal(faults(long), [])
})

t('the README has at most 1,700 words', () => {
  const words = read('README.md').split(/\s+/).filter(Boolean).length
  assert.ok(words <= 1700, `README.md has ${words} words`)
})

t('shaders/README.md shows the rungs of conv2d forward as DEBUG=1 lists them, in their order', () => {
  const [, block] = /```text\nconv2d\/forward[^\n]*\n([\s\S]*?)```/.exec(read('shaders/README.md'))!
  const lines = block!.split('\n').slice(0, -1)
  const names = forward.rungs.map(r => r.name)
  assert.equal(
    lines.map((line, i) => line.slice(4, 5 + (names[i]?.length ?? 0))),
    names.map(name => `${name} `),
  )
})

t.run()
