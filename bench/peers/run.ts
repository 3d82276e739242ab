/**
 * This project against the libraries one would use instead: TensorFlow.js (WebGPU), jax-js (WebGPU) and
 * onnxruntime-node (WebGPU and CPU). The same adapter, the same inputs, one process after the other; medians. Results
 * are compared with ours, and wrong ones are marked. Everybody waits for the GPU as we do (src/gpu/device.ts), and once
 * more without that help.
 *
 *   npm run bench:peers [-- --only conv --runs 7 --json FILE]
 *   npm run bench:peers -- --install     # installs the libraries alone: `npm run demo` then has them in its page
 */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Command, InvalidArgumentError } from 'commander'
import type { Cell, Found } from './contest.mjs'
import { CASES } from './workload.mjs'

/** A contestant may take this long in all. */
const LIMIT_MS = 10 * 60e3

const { only, runs, json, nap, install } = new Command('npm run bench:peers --')
  .description('Compares with other libraries.')
  .option('--only <word>', 'cases that contain the word', '')
  .option(
    '--runs <n>',
    'to take the median of',
    (text: string) => {
      const n = Number(text)
      if (!Number.isSafeInteger(n) || n < 3) throw new InvalidArgumentError('A whole number of at least 3 is needed.')
      return n
    },
    7,
  )
  .option('--json <file>', 'write the figures there, too')
  .option('--install', 'install the libraries, and end')
  .option('--no-nap', 'leave the runs without the napping wait away')
  .allowExcessArguments(false)
  .parse()
  .opts<{ only: string; runs: number; json?: string; nap: boolean; install?: true }>()

const here = fileURLToPath(new URL('.', import.meta.url))
if (!existsSync(join(here, 'node_modules'))) {
  console.log('installing the peers into bench/peers/node_modules (700 MB) ...')
  // onnxruntime-node would download the libraries for CUDA: nobody here uses them.
  const { status } = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--silent'], {
    cwd: here,
    stdio: 'inherit',
    shell: process.platform === 'win32',
    env: { ...process.env, ONNXRUNTIME_NODE_INSTALL: 'skip' },
  })
  if (status !== 0) throw new Error('npm could not install the peers; see above')
}

if (install) process.exit()

const folder = mkdtempSync(join(tmpdir(), 'peers-'))

/** Runs one contestant in a process of its own. Whatever it had measured when it ended counts. */
function contest(name: string, script: string, env: Record<string, string>): Found {
  console.log(`${name} ...`)
  const runner = script.endsWith('.ts') ? ['--import', import.meta.resolve('tsx')] : []
  const { status, signal, stderr } = spawnSync(
    process.execPath,
    [...runner, join(here, script), name, folder, only, `${runs}`],
    {
      env: { ...process.env, ...env },
      timeout: LIMIT_MS,
      encoding: 'utf8',
      stdio: ['ignore', 'ignore', 'pipe'],
      maxBuffer: 2 ** 26,
    },
  )
  const file = join(folder, `${name}.json`)
  const found: Found = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Found) : {}
  if (status !== 0)
    console.log(`  ended early (${signal ?? `exit ${status}`}): ${stderr.trim().split('\n').at(-1) ?? ''}`)
  return found
}

const PEERS: [name: string, script: string, env: Record<string, string>][] = [
  ['tfjs', 'tfjs.mjs', {}],
  ['jax-js', 'jax.mjs', {}],
  ['onnxruntime', 'onnxruntime.mjs', { PROVIDER: 'webgpu' }],
]
const results: Record<string, Found> = {}
try {
  results.ours = contest('ours', 'ours.ts', {})
  for (const [name, script, env] of PEERS) results[name] = contest(name, script, { ...env, NAP: '1' })
  results['onnxruntime, CPU'] = contest('onnxruntime, CPU', 'onnxruntime.mjs', { PROVIDER: 'cpu' })
  if (nap)
    for (const [name, script, env] of PEERS)
      results[`${name}, no nap`] = contest(`${name}, no nap`, script, { ...env, NAP: '0' })
} finally {
  rmSync(folder, { recursive: true })
}
if (!Object.keys(results.ours ?? {}).length)
  throw new Error(`nothing of ours was measured${only ? `: no case contains ${JSON.stringify(only)}` : ''}`)

/** Why there is no figure of a step of TASN. */
const NO_TASN: Record<string, string> = {
  tfjs: 'no gradient of dilated convolution',
  onnxruntime: 'no training in JavaScript',
  'jax-js': 'not written for it: the gradient of the 7x7 stem that full-sized TASN starts with is wrong',
}

const names = Object.keys(results)
const footnotes: string[] = []
function text(id: string, part: 'forward' | 'both', of: string): string {
  const row = results[of]![id]
  const cell: Cell | undefined = row?.[part]
  if (cell?.ms !== undefined)
    return cell.ms.toFixed(1) + (cell.wrong?.length ? ` [${note(`wrong: ${cell.wrong.join(', ')}`)}]` : '')
  const none = id.startsWith('TASN') ? NO_TASN[of.replace(/,.*/, '')] : undefined
  // Where the forward pass failed, nothing else was tried.
  return `- [${note(cell?.why ?? row?.forward?.why ?? none ?? 'it ended before this case')}]`
}
function note(s: string): number {
  if (!footnotes.includes(s)) footnotes.push(s)
  return footnotes.indexOf(s) + 1
}

for (const part of ['forward', 'both'] as const) {
  const lines: string[][] = []
  const ratios: { id: string; ratio: number }[] = []
  for (const [id, row] of Object.entries(results.ours!)) {
    const mine = row[part]?.ms
    if (mine === undefined) continue
    const best = Math.min(
      ...names
        .filter(name => !/ours|CPU/.test(name))
        .map(name => results[name]![id]?.[part])
        .filter(c => c?.ms !== undefined && !c.wrong?.length)
        .map(c => c!.ms!),
    )
    if (Number.isFinite(best)) ratios.push({ id, ratio: best / mine })
    const flop = CASES.find(c => c.id === id)?.flop
    lines.push([
      id,
      ...names.map(name => text(id, part, name)),
      flop ? ((flop * (part === 'both' ? 3 : 1)) / mine / 1e6).toFixed(1) : '',
      Number.isFinite(best) ? (best / mine).toFixed(2) : '',
    ])
  }
  if (!lines.length) continue
  const table = [
    [
      part === 'forward' ? 'forward, ms' : 'forward + backward, or a step, ms',
      ...names,
      'our GFLOP/s',
      'best WebGPU peer / ours',
    ],
    ...lines,
  ]
  console.log(
    `\n${table
      .map(row => `| ${row.map((cell, i) => cell.padEnd(Math.max(...table.map(r => r[i]!.length)))).join(' | ')} |`)
      .toSpliced(1, 0, `|${table[0]!.map(() => '---').join('|')}|`)
      .join('\n')}`,
  )
  const compute = ratios.filter(r => CASES.find(c => c.id === r.id)?.flop)
  const mean = Math.exp(compute.reduce((s, r) => s + Math.log(r.ratio), 0) / compute.length)
  if (compute.length)
    console.log(
      `\ngeometric mean of the ${compute.length} compute-bound cases: ${mean.toFixed(2)}; the least: ` +
        `${Math.min(...compute.map(r => r.ratio)).toFixed(2)}`,
    )
}
if (footnotes.length) console.log(`\n${footnotes.map((f, i) => `[${i + 1}] ${f}`).join('\n')}`)
console.log(
  `\nMedians of ${runs}. The best peer is the best of those with right results, with or without the nap. WebGPU ` +
    'columns share one adapter.',
)
if (json) writeFileSync(json, `${JSON.stringify({ runs, results }, null, 1)}\n`)
