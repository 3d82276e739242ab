/**
 * Runs the tests of kernels, engine, ops, layers, parity and a training as other adapters would have it, and in Deno
 * and Bun: one after the other, each in a process of its own. What cannot hold somewhere is listed in
 * support/adapters.ts. Fails where anything else fails, and where something of the list does not.
 *
 *   npm run test:adapters                  # all adapters but the slowest; of some a part of the tests
 *   npm run test:adapters -- --all         # all adapters, and all of those tests on each
 *   npm run test:adapters -- Deno lanes    # the adapters whose name contains one of the words
 */
import { spawnSync } from 'node:child_process'
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { stripVTControlCharacters } from 'node:util'
import { ADAPTERS, type Adapter, unlisted, WORDS } from './support/adapters.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const runtimes = join(root, 'test/runtimes')
/** Tests that take longer on one adapter hang. */
const LIMIT_MS = 40 * 60e3

const installed = (path: string): string => join(runtimes, 'node_modules', path)
/** How a TypeScript program is started. */
const STARTS = {
  node: [process.execPath, 'setup.mjs'],
  deno: [process.execPath, installed('deno/bin.cjs'), 'run', '--allow-all'],
  bun: [installed('bun/bin/bun.exe')],
} as const

/** Installs Deno and Bun where they are not. @throws where npm cannot. */
function installRuntimes(): void {
  const read = (file: string) => JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>
  const wanted = Object.entries(read(join(runtimes, 'package.json')).dependencies as Record<string, string>)
  const there = ([name, version]: [string, string]): boolean => {
    try {
      return read(installed(`${name}/package.json`)).version === version
    } catch {
      return false
    }
  }
  if (wanted.every(there)) return
  console.log('installing Deno and Bun into test/runtimes/node_modules (200 MB) ...')
  const run = (program: string, ...args: string[]): boolean =>
    spawnSync(program, args, { cwd: runtimes, stdio: 'inherit', shell: process.platform === 'win32' }).status === 0
  // npm may hold back what packages run when they are installed: Bun's puts its program into place, Deno needs none.
  const done =
    run('npm', 'ci', '--ignore-scripts', '--no-audit', '--no-fund') &&
    run('node', 'node_modules/bun/install.js') &&
    run('node', 'node_modules/deno/bin.cjs', '--version') &&
    spawnSync(STARTS.bun[0], ['--version'], { stdio: 'inherit' }).status === 0
  if (done) return
  rmSync(installed(''), { recursive: true, force: true })
  throw new Error(
    'npm could not install Deno and Bun into test/runtimes: see above. When that is mended, run this command again. ' +
      'Without them: npm run test:adapters -- lanes rungs plain',
  )
}

/** Runs the tests on an adapter. Returns what is not as the list says; nothing if all is. */
function problemsOf({ env, runtime, lacks = {}, fails = [] }: Adapter, words: readonly string[]): string[] {
  const everyRung = words === WORDS ? { EVERY_RUNG: '1' } : {}
  const [program, ...args] = [...STARTS[runtime ?? 'node'], 'test/run.ts', ...words]
  const { stdout, stderr, status, signal, error } = spawnSync(program, args, {
    cwd: root,
    env: { ...process.env, NO_COLOR: '1', LACKS: Object.keys(lacks).sort().join(), ...everyRung, ...env },
    encoding: 'utf8',
    maxBuffer: 2 ** 27,
    timeout: LIMIT_MS,
    killSignal: 'SIGKILL',
  })
  const out = stripVTControlCharacters(stdout ?? '')
  const [verdict, passed, failed] = /(\d+) passed, (\d+) failed\s*$/.exec(out) ?? []
  const complaints = stripVTControlCharacters(stderr ?? '')
  const found = complaints.split(/^ +FAIL +/m).slice(1)
  const expected = fails.filter(({ test }) => words.some(w => `${test.split(' ')[0]}.test.ts`.includes(w)))
  const problems = [
    ...(verdict ? [] : [`the tests did not come to an end (${error?.message ?? signal ?? `exit code ${status}`})`]),
    ...unlisted(found, verdict ? expected : []),
    ...(verdict && Number(failed) !== found.length
      ? [`${failed} failures, and ${found.length} tests that failed`]
      : []),
    ...(verdict && (status === 0) !== (Number(failed) === 0) ? [`exit code ${status} after ${verdict.trim()}`] : []),
  ]
  console.log(
    `  ${verdict ? `${passed} passed, ${failed} failed, ${expected.length} of them as listed` : 'no verdict'}`,
  )
  if (problems.length) console.error(`${out}\n${complaints}`)
  return problems
}

const flags = process.argv.slice(2)
const all = flags.includes('--all')
const names = flags.filter(flag => flag !== '--all')
const adapters = ADAPTERS.filter(({ name, onDemand }) =>
  names.length ? names.some(n => name.includes(n)) : all || !onDemand,
)
if (!adapters.length)
  throw new Error(
    `no adapter's name contains ${names.join(' or ')}; there are: ${ADAPTERS.map(a => a.name).join('; ')}`,
  )
if (adapters.some(a => a.runtime)) installRuntimes()

const problems: string[] = []
for (const adapter of adapters) {
  const start = performance.now()
  const words = all ? WORDS : (adapter.words ?? WORDS)
  console.log(`${adapter.name}${words === WORDS ? '' : `: ${words.join(' ')}`}`)
  problems.push(...problemsOf(adapter, words).map(problem => `${adapter.name}: ${problem}`))
  console.log(`  ${((performance.now() - start) / 1000).toFixed(0)} s`)
}
console.log(problems.length ? `\n${problems.join('\n')}` : `\nall as it should be on ${adapters.length} adapters`)
process.exitCode = problems.length ? 1 : 0
