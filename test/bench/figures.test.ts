/** Contributed figures: what a file must hold, and the table that is made of all files; how rungs are timed. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { adaptersTable, BEGIN, END, fileOf, withTable } from '../../bench/adapters.ts'
import { tinyCases } from '../../bench/cases.ts'
import { decodeFigures } from '../../bench/check_figures.ts'
import { contributed, readFigures } from '../../bench/contributed.ts'
import { browserText, encodeFigures, type Figures, FORMAT } from '../../bench/figures.ts'
import { expectedProduct, expectedWalk, GPUS, type Gpu, isProduct } from '../../bench/gpu_model.ts'
import { figuresMarkdown, markOf } from '../../bench/markdown.ts'
import { presetStep } from '../../bench/preset_step.ts'
import { QUICK, timeRungs } from '../../bench/rungs.ts'
import { timed } from '../../bench/timed.ts'
import { answerCalls } from '../../examples/browser/answer.ts'
import type { BenchEvent, Found, Wishes } from '../../examples/browser/bench_messages.ts'
import { handlers } from '../../examples/browser/bench_worker.ts'
import { scope } from '../../src/engine/eager.ts'
import { prepare } from '../../src/engine/launch.ts'
import { Plan } from '../../src/engine/plan.ts'
import { sizeOf } from '../../src/engine/tensor.ts'
import { persistent, release } from '../../src/engine/transfer.ts'
import { machineClocks } from '../../src/engine/tune/clocks.ts'
import { inputsFor } from '../../src/engine/tune/measure.ts'
import { Stopwatch } from '../../src/engine/tune/stopwatch.ts'
import { type Ladder, ladderNamed, type Rung, rungNamed } from '../../src/gpu/kernel.ts'
import { rungsThatFit } from '../../src/gpu/ladder.ts'
import { exp } from '../../src/ops/elementwise.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const t = suite('bench/figures')

/** Figures that a test breaks. */
type Loose = Record<string, unknown>

const rung = { ladder: 'matmul', shape: '8 of 16x16 by 16x16', count: 3, gigabytes: 2, winograd: false }
/** Figures of an adapter that nobody has. */
const figures: Figures = {
  format: FORMAT,
  version: '0.3.0',
  date: '2026-11-26',
  name: 'Test GPU 1 (TM)',
  host: 'Chrome 156, Linux',
  quick: true,
  adapter: {
    vendor: 'test',
    architecture: '',
    device: '',
    description: '',
    software: false,
    subgroup: 32,
    features: ['subgroups'],
  },
  roofline: { gflops: 1000, gigabytes: 100 },
  kernels: [
    { ...rung, rung: 'matmul/1_naive', ms: 2, gflops: 100, ofPeak: 0.1, speedUp: 1, chosen: false },
    { ...rung, rung: 'matmul/2_register', ms: 0.5, gflops: 400, ofPeak: 0.4, speedUp: 4, chosen: true },
  ],
  steps: [
    {
      name: 'TASN tiny',
      images: 24,
      launches: 195,
      ms: 12,
      encodeMs: 0.4,
      imagesPerSecond: 2000,
      gflops: 180,
      plannedMiB: 23.1,
      firstMs: 900,
    },
  ],
}

t('a file is read as it was written, with five digits of each number', () => {
  assert.equal(decodeFigures(encodeFigures(figures)), figures)
  const peers = [{ case: 'matmul 512', part: 'both', library: 'jax-js', ms: 1.5 }] as const
  assert.equal(decodeFigures(encodeFigures({ ...figures, peers })), { ...figures, peers })
  const long = { ...figures, roofline: { gflops: 1000, gigabytes: 99.9999999 } }
  assert.is(decodeFigures(encodeFigures(long)).roofline.gigabytes, 100)
})

/** The figures with something changed. */
const changed = (change: (f: Loose) => void): string => {
  const copy = structuredClone(figures) as unknown as Loose
  change(copy)
  return JSON.stringify(copy)
}

t('each fault of a file is told, with the way to it', () => {
  const first = (f: Loose): Loose => (f.kernels as Loose[])[0]!
  const second = (f: Loose): Loose => (f.kernels as Loose[])[1]!
  const set = (name: string, value: unknown) => (f: Loose) => Object.assign(f, { [name]: value })
  const broken: [(f: Loose) => void, RegExp][] = [
    [set('format', 'tasn-webgpu figures 0'), /format: "tasn-webgpu figures 1" was expected, found "tasn-webgpu fig/],
    [set('date', '2026-13-01'), /date: a day such as/],
    [set('name', ' '), /name: a line of text that is not empty/],
    [set('name', 'a | b'), /name: .*without \|/],
    [set('name', '<img>'), /name: .*without \| < >/],
    [set('quick', 'yes'), /quick: true or false was expected, found "yes"/],
    [set('extra', 1), /extra: nothing of this name was expected/],
    [set('adapter', undefined), /adapter: an object was expected, found nothing/],
    [set('adapter', { ...figures.adapter, subgroup: -1 }), /adapter\.subgroup: a whole number/],
    [set('adapter', { ...figures.adapter, description: 'llvmpipe' }), /adapter\.software: true was expected/],
    [set('roofline', { gflops: 0, gigabytes: 100 }), /roofline\.gflops: a number from 0\.1 to .*GFLOP\/s.*found 0/],
    [set('roofline', { gflops: 1000, gigabytes: null }), /roofline\.gigabytes: .*found null/],
    [set('kernels', {}), /kernels: a list was expected/],
    [set('kernels', [1]), /kernels\[0\]: an object was expected, found 1/],
    [f => Object.assign(first(f), { ms: '2' }), /kernels\[0\]\.ms: a number .*found "2"/],
    [f => Object.assign(first(f), { ms: -1 }), /kernels\[0\]\.ms: /],
    [f => Object.assign(first(f), { count: 0.5 }), /kernels\[0\]\.count: a whole number/],
    [f => Object.assign(first(f), { ofPeak: 0.5 }), /kernels\[0\] .*ofPeak is 0\.5, but .* give 0\.1/],
    [f => Object.assign(second(f), { chosen: false }), /no rung of matmul, 8 of 16x16 by 16x16 is the chosen one/],
    [f => Object.assign(second(f), { gflops: 3000, ofPeak: 3 }), /more than this adapter can do, 1000 GFLOP/],
    [
      f => Object.assign(second(f), { wrong: true }),
      /kernels\[1\] .*ops take this rung, and its result is not the fir/,
    ],
    [set('steps', [{ ...figures.steps[0], imagesPerSecond: 20 }]), /imagesPerSecond is 20, but .* give 2000/],
    [set('steps', [{ ...figures.steps[0], gflops: 90000 }]), /steps\[0\] \(TASN tiny\): 90000 GFLOP\/s is more/],
    [set('peers', [{ case: 'matmul 512', part: 'all', library: 'x' }]), /peers\[0\]\.part: "forward" or "both"/],
    [f => Object.assign(f, { kernels: [], steps: [] }), /no kernel, step or library was measured/],
  ]
  for (const [change, message] of broken) assert.throws(() => decodeFigures(changed(change)), message)
  assert.throws(() => decodeFigures('{"format":'), /this is no JSON/)
  assert.throws(() => decodeFigures('[]'), /the file: an object was expected, found \[\]/)
  // all at once
  assert.throws(
    () => decodeFigures(changed(f => Object.assign(f, { date: 1, host: 2 }))),
    /2 fault\(s\):\n {2}date.*\n {2}host/,
  )
})

t('the script refuses a broken file, says why, and takes a good one', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tasn-webgpu-figures-'))
  try {
    const check = (text: string) => {
      const file = join(folder, 'figures.json')
      writeFileSync(file, text)
      const script = ['--import', 'tsx', join(root, 'bench/contribute.ts'), file, '--check']
      return spawnSync(process.execPath, script, { cwd: root, encoding: 'utf8' })
    }
    const refused = check(changed(f => Object.assign(f, { roofline: { gflops: 1000 } })))
    assert.is(refused.status, 1)
    assert.match(
      refused.stderr,
      /error: .*figures\.json: these figures cannot be taken, 1 fault\(s\):\n {2}roofline\.gig/,
    )
    const renamed = join(folder, 'renamed.json')
    writeFileSync(
      renamed,
      changed(f => Object.assign(f, { name: 'a | b' })),
    )
    assert.throws(() => readFigures(renamed), /renamed\.json: .*name: /s)
    assert.is(readFigures(renamed, 'Radeon').name, 'Radeon', 'a name that is given takes the place of a bad one')
    const taken = check(encodeFigures(figures))
    assert.is(taken.status, 0, taken.stderr)
    assert.is(contributed(join(folder, 'none/')).size, 0)
  } finally {
    rmSync(folder, { recursive: true })
  }
})

t('the table in bench/README.md is that of the files', () => {
  const document = readFileSync(join(root, 'bench/README.md'), 'utf8')
  const files = contributed()
  assert.ok(files.size > 0)
  assert.is(withTable(document, adaptersTable(files)), document, 'run `npm run bench:contribute`')
  for (const [name, f] of files) assert.is(name, fileOf(f))
})

t('a row has the best rung that ops take, and a dash where nothing was measured', () => {
  const slow = { ...figures, name: 'Slow', roofline: { gflops: 10, gigabytes: 1 }, kernels: [] }
  const files = new Map([
    ['slow.json', slow],
    ['fast.json', figures],
  ])
  const [, , fast, last] = adaptersTable(files).split('\n')
  const name = '[Test GPU 1 (TM)](results/adapters/fast.json), quick'
  const measured = '1000 | 100 | - | 400 (40 %) | - | 12.0 (2000)'
  assert.is(fast, `| ${name} | Chrome 156, Linux, version 0.3.0 | 2026-11-26 | ${measured} |`)
  assert.match(last!, /^\| \[Slow\]/)
  assert.is(withTable(`a\n${BEGIN}\nold\n${END}\nb`, 'new'), `a\n${BEGIN}\n\nnew\n\n${END}\nb`)
  assert.throws(() => withTable('a', 'new'), /no place for the table/)
  assert.is(fileOf({ ...figures, name: '../Ä/x' }), 'x-chrome-2026-11-26.json')
})

t('a browser and its system are told by what it says of itself', () => {
  const like = 'AppleWebKit/537.36 (KHTML, like Gecko)'
  for (const [said, text] of [
    [`Mozilla/5.0 (Linux; Android 10; K) ${like} Chrome/146.0.0.0 Mobile Safari/537.36`, 'Chrome 146, Android'],
    [`Mozilla/5.0 (X11; Linux x86_64) ${like} Chrome/146.0.0.0 Safari/537.36`, 'Chrome 146, Linux'],
    [`Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${like} Chrome/146.0.0.0 Safari/537.36 Edg/146.0`, 'Edge 146, Windows'],
    [`Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) ${like} Version/26.0 Safari/604.1`, 'Safari 26, iPhone'],
    ['Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:150.0) Gecko/20100101 Firefox/150.0', 'Firefox 150, macOS'],
    ['nobody', 'a browser, unknown system'],
  ] as const)
    assert.is(browserText(said), text)
})

t('figures as Markdown have no empty cell', () => {
  const text = figuresMarkdown({
    ...figures,
    peers: [
      { case: 'matmul 512', part: 'forward', library: 'tasn-webgpu', ms: 1.5 },
      { case: 'matmul 512', part: 'forward', library: 'jax-js', why: 'no device' },
      { case: 'matmul 512', part: 'both', library: 'tasn-webgpu', ms: 3, wrong: ['da'] },
    ],
  })
  assert.match(
    text,
    /\| matmul \| 8 of 16x16 by 16x16 \| 2\.000 \| 0\.500 \| 400 GFLOP\/s \| 40 % \| 4\.0x \| matmul\/2_/,
  )
  assert.match(text, /\| matmul 512, forward \| 1\.500 \| none: no device \|/)
  assert.match(text, /\| matmul 512, and backward \| 3\.000 \(wrong: da\) \| not measured \|/)
  assert.not.match(text, /\| +\||undefined|NaN/)
})

t('a rung with a wrong result is marked where it is shown, and left out of what is best', () => {
  const wrong = figures.kernels.map(r => ({ ...r, ...(r.chosen ? { wrong: true as const } : {}) }))
  assert.equal(wrong.map(markOf), [[], ['taken', 'wrong']])
  assert.equal(markOf({ ...wrong[1]!, winograd: true }), ['else Winograd', 'wrong'])
  assert.match(figuresMarkdown({ ...figures, kernels: wrong }), /\| matmul\/2_register \(taken, wrong\) \|/)
  const [, , row] = adaptersTable(new Map([['x.json', { ...figures, kernels: wrong }]])).split('\n')
  assert.match(row!, / \| 100 \| - \| - \| - \| /)
})

t('every case of a step gets inputs that all of its rungs take', () => {
  const cases = tinyCases()
  assert.ok(cases.length > 50)
  assert.ok(cases.some(c => c.ladder.name === 'image/augment'))
  for (const c of cases) {
    const tensors = inputsFor(c)
    for (const rung of rungsThatFit(c.ladder, c.params, { all: true })) prepare(c.ladder, tensors, c.params, rung)
    for (const tensor of Object.values(tensors)) release(tensor)
  }
})

t('rungs are timed, one of them is the chosen one, and shares are those of the roofline', async () => {
  const c = tinyCases().find(c => c.ladder.name === 'matmul')!
  const rows = (await timeRungs(c, new Stopwatch(machineClocks), { gflops: 50, gigabytes: 10 }, QUICK))!
  assert.is(rows.length, rungsThatFit(c.ladder, c.params, { all: true }).length)
  assert.is(rows.filter(r => r.chosen).length, 1)
  assert.is(rows[0]!.speedUp, 1)
  for (const r of rows) {
    assert.ok(r.ms > 0 && Number.isFinite(r.ms), r.rung)
    assert.ok(Math.abs(r.gflops! * r.ms * 1e6 - c.ladder.flop!(c.params)) < 1, r.rung)
    assert.is(r.ofPeak, r.gflops! / 50)
  }
})

t("a rung whose result is not the first one's is marked, and one that does not compile is left out", async () => {
  const { file, grid } = ladderNamed('reduce').rungs[0]
  const sums: Rung = { name: 'sums', file, grid, consts: { OP: 0 } }
  const refused: Rung = { ...sums, name: 'refused', consts: { OP: 0, WG: 2 ** 20 } }
  const ladder: Ladder = { name: 'sum or max', rungs: [sums, { ...sums, name: 'largest', consts: { OP: 1 } }, refused] }
  const params = { outer: 8, axis: 100, inner: 1, repeat: 1, jump: 100, scale: 1 }
  const c = { ladder, params, shapes: { x: [8, 100], y: [8] }, count: 1, bytes: 4 * 808 }
  const rows = (await timeRungs(c, new Stopwatch(machineClocks), { gflops: 50, gigabytes: 10 }, QUICK))!
  assert.equal(
    rows.map(r => r.wrong),
    [undefined, true],
  )
})

t('a tensor that is bound under several names goes through memory once', () => {
  const c = tinyCases().find(c => c.ladder.name === 'conv2d forward' && !c.params.AFFINE)!
  const { x, w, y } = c.shapes
  assert.is(c.bytes, 4 * [x, w, y].reduce((sum, shape) => sum + sizeOf(shape!), 0))
})

t('a time is no longer than the host has waited, and that of nothing is next to nothing', async () => {
  const start = performance.now()
  const ms = await timed(() => {})
  assert.ok(ms >= 0 && ms <= performance.now() - start)
  const x = persistent([2 ** 22])
  scope(() => [exp(x)]) // compiles
  const work = await timed(() => {
    scope(() => [exp(x)])
  })
  assert.ok(work > 2 * (await timed(() => {})), `${work} ms`)
  release(x)
})

t('the page measures what it can: an error costs nothing that was measured, and each case has its number', async () => {
  const events: BenchEvent[] = []
  const wishes: Wishes = { kernels: 'none', quick: true, steps: ['none such'], peers: {}, name: 'Test' }
  const call = (name: string, argument: unknown): unknown =>
    handlers[name]!(argument as never, event => events.push(event as BenchEvent))
  const { figures, problem } = (await call('run', wishes)) as Found
  assert.match(problem!, /no step is named "none such"/)
  assert.ok(figures.roofline.gflops > 0)
  assert.is(events.filter(e => e.kind === 'roofline').length, 1)
  assert.throws(() => call('wgsl', { of: 0, rung: 'x' }), /the latest run has measured no rung x in its case 0/)
})

t('others wait while the page measures, and it waits for them', async () => {
  const said: unknown[] = []
  const heard: ((event: { data: unknown }) => void)[] = []
  const before = { addEventListener: globalThis.addEventListener, postMessage: globalThis.postMessage }
  Object.assign(globalThis, {
    addEventListener: (_: string, f: (typeof heard)[0]) => heard.push(f),
    postMessage: (answer: { id: number }) => said.push(answer.id),
  })
  try {
    const ends: (() => void)[] = []
    const long = (): Promise<void> => new Promise(resolve => ends.push(resolve))
    answerCalls({ bench: { run: long, stop() {} }, train: { run: long, pause() {} } })
    const settled = (): Promise<unknown> => new Promise(setImmediate)
    const call = (id: number, panel: string, name: string): Promise<unknown> => {
      heard[0]!({ data: { id, panel, name } })
      return settled()
    }
    await call(1, 'train', 'run')
    await call(2, 'bench', 'run')
    await call(3, 'train', 'pause')
    assert.equal([ends.length, ...said], [1, 3], 'what is under way can be ended')
    ends[0]!()
    await settled()
    await call(4, 'train', 'run')
    await call(5, 'bench', 'stop')
    assert.equal([ends.length, ...said], [2, 3, 1, 5], 'the measuring has begun, and 4 waits for it')
    ends[1]!()
    await settled()
    await call(6, 'train', 'pause')
    assert.equal([ends.length, ...said], [3, 3, 1, 5, 2, 6])
    ends[2]!()
    await settled()
  } finally {
    Object.assign(globalThis, before)
  }
})

t('the model counts the lanes that idle beside a workgroup of eight', () => {
  const ladder = ladderNamed('conv2d backward weight')
  const p = { N: 8, C: 64, H: 56, W: 56, K: 64, R: 3, S: 3, OH: 56, OW: 56, stride: 1, pad: 1, dilation: 1, G: 14 }
  const [gpu] = GPUS as [Gpu]
  const seconds = (name: string) => expectedProduct(gpu, ladder, rungNamed(ladder, name), p).seconds - gpu.launch
  assert.ok(seconds('subgroup') > 2 * seconds('subgroup by four'), `${seconds('subgroup')}`)
})

t('the model tells a time of each launch of a step with depthwise convolutions', () => {
  const { step, kept } = presetStep('mobile', { batch: 1 })
  const { launches } = Plan.record(step, { most: Infinity })
  const [gpu] = GPUS as [Gpu]
  for (const l of launches) {
    const [naive] = l.ladder.rungs
    const { seconds } = isProduct(l) ? expectedProduct(gpu, l.ladder, naive, l.params) : expectedWalk(gpu, l)
    assert.ok(seconds > 0 && Number.isFinite(seconds), `${l.ladder.name}: ${seconds}`)
  }
  for (const tensor of kept) release(tensor)
})

t('a clock that stands still gives no figures', async () => {
  const c = tinyCases().find(c => c.ladder.name === 'matmul')!
  const still = { ...machineClocks, timestamps: true, now: () => 0, run: async () => 0 }
  assert.is(await timeRungs(c, new Stopwatch(still), { gflops: 50, gigabytes: 10 }, QUICK), undefined)
})

t.run()
