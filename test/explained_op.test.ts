/**
 * Chapter 10 of the book adds an op: its three files, written into a copy of the repository, pass all tests that
 * concern an op, and each mistake that the chapter names is caught with the words that it quotes.
 */
import { spawn } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type Files, filesIn, PLACES } from '../examples/explained/10-your-own-op/files.ts'
import { MISTAKES, type Mistake } from '../examples/explained/10-your-own-op/mistakes.ts'
import { ended } from './support/child.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const chapter = readFileSync(`${root}examples/explained/10-your-own-op/chapter.md`, 'utf8')
const files = filesIn(chapter)
/** The two lines besides: where each goes, after which line, how the chapter has it, and how a reader may. */
const LINES = [
  ['src/README.md', '| `ops/elementwise.ts`', /^ {4}(\| `ops\/gelu\.ts` .*)$/m, /^\| .*ops\/gelu\.ts.*\n/gm],
  ['src/index.ts', "} from './ops/elementwise.ts'", /^ {4}(export \{ gelu \}.*)$/m, /^export .*ops\/gelu\.ts.*\n/gm],
] as const
/** A file before the op: a reader may have added it, as the chapter says. */
const before = ([path, , , own]: (typeof LINES)[number]): string =>
  readFileSync(root + path, 'utf8').replaceAll(own, '')
/** Not of the repository, or not needed. */
const LEFT_OUT = /^(node_modules|\.git|runs|dist|data)$|^examples\/browser\/site$|^test\/browser\/screenshots$/

const copies: string[] = []
/** A copy of the repository, with files written into it, by their paths. */
function copy(added: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'own-op-'))
  copies.push(folder)
  cpSync(root, folder, {
    recursive: true,
    filter: from => {
      const path = relative(root, from).replaceAll('\\', '/')
      return !LEFT_OUT.test(path) && !Object.values(PLACES).includes(path)
    },
  })
  for (const name of ['node_modules', 'data']) symlinkSync(join(root, name), join(folder, name), 'junction')
  const unlined = Object.fromEntries(LINES.map(line => [line[0], before(line)]))
  for (const [path, text] of Object.entries({ ...unlined, ...added })) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  return folder
}

/** Runs tests of a copy, by words of their paths, and returns what they print. */
async function run(folder: string, words: readonly string[], variables: NodeJS.ProcessEnv = {}): Promise<string> {
  const tests = spawn(process.execPath, ['--import', 'tsx', 'test/run.ts', ...words], {
    cwd: folder,
    timeout: 120_000,
    env: { ...process.env, ...variables },
  })
  return (await ended(tests)).out
}

/** The three files under another name of the op. */
function renamed({ shader, op, test }: Files, name: string): Record<string, string> {
  return {
    [`shaders/${name}/gelu.wgsl`]: shader.replaceAll('gelu/gelu', `${name}/gelu`),
    [`src/ops/${name}.ts`]: op.replaceAll('gelu/gelu', `${name}/gelu`),
    [`test/ops/${name}.test.ts`]: test.replaceAll('gelu/gelu', `${name}/gelu`).replaceAll('ops/gelu', `ops/${name}`),
  }
}
function changed(mistake: Mistake): Files {
  const sound = files[mistake.file]
  assert.ok(sound.includes(mistake.from), `${mistake.words}: the ${mistake.file} has no "${mistake.from}"`)
  return { ...files, [mistake.file]: sound.replaceAll(mistake.from, mistake.to) }
}

/** The messages that the chapter quotes in its table of mistakes. */
const QUOTED = [...chapter.matchAll(/^\| .* \| .* \| `([^`]+)` \|$/gm)].map(([, message]) => message!)

const t = suite('explained: your own op')
t.after(() => {
  for (const folder of copies) rmSync(folder, { recursive: true, force: true })
})

t('src/README.md has the same three files', () => {
  assert.equal(filesIn(readFileSync(`${root}src/README.md`, 'utf8')), files)
})

t(
  'written as in the chapter, they pass: their own tests, and those of shaders, architecture and documents',
  async () => {
    const own = Object.fromEntries(Object.entries(PLACES).map(([name, path]) => [path, files[name as keyof Files]]))
    const lines = LINES.map(([path, after, pattern]) => {
      const line = pattern.exec(chapter)?.[1]
      assert.ok(line, `the chapter has no line for ${path}`)
      const text = readFileSync(root + path, 'utf8')
      const at = text.indexOf('\n', text.indexOf(after)) + 1
      assert.ok(text.includes(after) && at > 0, `${path} has no line ${after}`)
      return [path, `${text.slice(0, at)}${line}\n${text.slice(at)}`]
    })
    const folder = copy({ ...own, ...Object.fromEntries(lines) })
    const out = await run(folder, ['ops/gelu', 'shaders.test', 'architecture', 'documents'])
    assert.ok(/\n[1-9]\d+ passed, 0 failed\n$/.test(out), out)
    // What the end of a run of all tests asks for. Here one file has run, so it misses all ladders but those of gelu.
    const end = await run(folder, ['ops/gelu'], { EVERY_RUNG: '1' })
    for (const missed of ['run the rung', 'laid the workgroups of', 'compared the two workgroup sizes of']) {
      assert.match(end, new RegExp(`no test has ${missed} \\w`))
      assert.not.match(end, new RegExp(`no test has ${missed} gelu`))
    }
  },
)

t('each mistake is caught with the words that the chapter quotes', async () => {
  // A shader that does not compile spoils its device for all that comes after it.
  const names = Object.keys(MISTAKES).sort((a, b) => Number(a === 'syntax') - Number(b === 'syntax'))
  const opOf = (i: number): string => `gelu_${String.fromCharCode(97 + i)}`
  const wrong = names.map((name, i) => renamed(changed(MISTAKES[name as keyof typeof MISTAKES]), opOf(i)))
  const formula = await run(copy(Object.assign({}, ...wrong) as Record<string, string>), ['ops/gelu_'])
  for (const [i, name] of names.entries())
    assert.ok(formula.includes(`FAIL  ops/${opOf(i)} `), `${name} is not caught:\n${formula}`)

  const form = await run(
    copy({
      [PLACES.shader]: files.shader.replace('// gelu/gelu ', '// gelu ').replace('@binding(1)', '@binding(3)'),
      [PLACES.op]: files.op.replace('\n', "\nimport '../nn/init.ts'\n"),
    }),
    ['shaders.test', 'architecture', 'documents'],
  )
  const said = `${formula}\n${form}`.replaceAll(/gelu_[a-z]\b/g, 'gelu')
  assert.ok(QUOTED.length >= names.length + 4, `the chapter quotes ${QUOTED.length} messages`)
  assert.equal(
    QUOTED.filter(message => !said.includes(message)),
    [],
    said,
  )
})

t.run()
