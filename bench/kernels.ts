/**
 * Times every rung of convolution, matmul and batch norm at shapes like those of a tiny TASN and of a real ResNet.
 * Rungs take turns in one process, so a busy machine slows all of them alike. Best of several rounds, by timestamp queries.
 *
 *   npx tsx bench/kernels.ts [--only word] [--quick]
 *
 * --only: rows that contain the word; --quick: fewer rounds, no large shapes.
 */
import { finish, launch, persistent, release } from '../src/execute.ts'
import { adapterInfo } from '../src/gpu/device.ts'
import { choose, ladderNamed, withRung, type Kernel, type Params } from '../src/gpu/kernel.ts'
import { startProfiling, stopProfiling } from '../src/gpu/timing.ts'
import { close, open } from '../src/open.ts'
import '../src/ops/batch_norm.ts'
import { conv2dShape, groupsOf } from '../src/ops/conv2d.ts'
import '../src/ops/matmul.ts'
import { Random } from '../src/random.ts'
import { sizeOf, type Shape } from '../src/tensor.ts'

/** A launch to time: a ladder by its name, tensors by their shapes. */
interface Case { target: string, label: string, tensors: Record<string, Shape>, params: Params, large?: boolean }

const only = process.argv.includes('--only') ? process.argv[process.argv.indexOf('--only') + 1] ?? '' : ''
const quick = process.argv.includes('--quick')
/** A rung that needs longer than this is not run again. */
const SLOW_MS = 400

type ConvRow =
  [N: number, C: number, H: number, K: number, R: number, stride: number, pad: number, dilation: number, large?: boolean]

const convCases = ([N, C, H, K, R, stride, pad, dilation, large = false]: ConvRow): Case[] => {
  const p = conv2dShape([N, C, H, H], [K, C, R, R], { stride, padding: pad, dilation }), G = groupsOf(p)
  const label = `${N}x${C}x${H}x${H} -> ${K}, ${R}x${R}${stride > 1 ? ` /${stride}` : ''}` +
    (dilation > 1 ? ` dilated ${dilation}` : '')
  const x = [N, C, H, H], dy = [N, K, p.OH, p.OW], w = [K, C, R, R]
  return [
    { target: 'conv2d forward', label, tensors: { x, w, y: dy }, params: p, large },
    { target: 'conv2d backward input', label, tensors: { dy, w, dx: x }, params: p, large },
    { target: 'conv2d backward weight', label, tensors: { x, dy, dw: [G, ...w] }, params: { ...p, G }, large },
  ]
}

type MatmulRow = [batch: number, M: number, N: number, K: number, TA: number, TB: number, large?: boolean]

const matmulCase = ([batch, M, N, K, TA, TB, large = false]: MatmulRow): Case => ({
  target: 'matmul', label: `${batch > 1 ? `${batch} of ` : ''}${M}x${K}${TA ? 'ᵀ' : ''} by ${K}x${N}${TB ? 'ᵀ' : ''}`,
  tensors: { a: TA ? [batch, K, M] : [batch, M, K], b: TB ? [batch, N, K] : [batch, K, N], y: [batch, M, N] },
  params: { batch, M, N, K, TA, TB }, large })

type NormRow = [N: number, C: number, H: number, large?: boolean]

const normCases = ([N, C, H, large = false]: NormRow): Case[] => {
  const x = [N, C, H * H], c = [C], params = { N, C, L: H * H, eps: 1e-5, RELU: 1 }, label = `${N}x${C}x${H}x${H}`
  const perChannel = { mean: c, variance: c, weight: c, bias: c }
  return [
    { target: 'batch_norm statistics', label, tensors: { x, mean: c, variance: c }, params, large },
    { target: 'batch_norm normalise', label, tensors: { x, ...perChannel, y: x }, params, large },
    { target: 'batch_norm normalise add', label, tensors: { x, ...perChannel, residual: x, y: x }, params, large },
    { target: 'batch_norm backward sums', label, tensors: { x, y: x, dy: x, mean: c, variance: c, dweight: c, dbias: c },
      params, large },
    { target: 'batch_norm backward input', label, tensors: { x, y: x, dy: x, coefficients: [C, 4], dx: x }, params, large },
  ]
}

const cases: Case[] = [
  ...([
    [32, 3, 64, 16, 3, 2, 1, 1], [32, 16, 32, 32, 3, 2, 1, 1], [32, 32, 16, 32, 3, 1, 1, 1], [32, 32, 16, 32, 3, 1, 3, 3],
    [32, 3, 48, 16, 3, 2, 1, 1], [32, 16, 24, 16, 3, 1, 1, 1], [32, 16, 24, 32, 3, 2, 1, 1], [32, 16, 24, 32, 1, 2, 0, 1],
    [32, 32, 12, 32, 3, 1, 1, 1], [32, 32, 12, 64, 3, 2, 1, 1], [32, 64, 6, 64, 3, 1, 1, 1],
    [8, 64, 56, 64, 3, 1, 1, 1, true], [8, 256, 56, 64, 1, 1, 0, 1, true], [8, 3, 224, 64, 7, 2, 3, 1, true],
    [8, 128, 56, 128, 3, 2, 1, 1, true], [8, 512, 7, 512, 3, 1, 1, 1, true],
  ] as ConvRow[]).flatMap(convCases),
  ...([
    [32, 32, 32, 256, 0, 1], [32, 32, 256, 32, 0, 0], [32, 32, 256, 32, 1, 0], [1, 32, 200, 64, 0, 1],
    [1, 1024, 1024, 1024, 0, 0, true], [1, 1024, 1024, 1024, 0, 1, true], [1, 1024, 1024, 1024, 1, 0, true],
  ] as MatmulRow[]).map(matmulCase),
  ...([
    [32, 16, 24], [32, 32, 12], [32, 64, 6], [32, 32, 16], [8, 64, 56, true], [8, 512, 7, true],
  ] as NormRow[]).flatMap(normCases),
]

/** The rungs that fit, with how to launch each. */
function rungs(c: Case): { kernel: Kernel, run: (body: () => void) => void }[] {
  const { rungs } = ladderNamed(c.target)
  return rungs.flatMap((kernel, i) => withRung(c.target, i, () => choose({ name: c.target, rungs }, c.params)) === kernel
    ? [{ kernel, run: (body: () => void) => withRung(c.target, i, body) }] : [])
}

async function time(c: Case): Promise<void> {
  const random = new Random(1)
  const tensors = Object.fromEntries(Object.entries(c.tensors).map(([name, shape]) =>
    [name, persistent(shape, Float32Array.from({ length: sizeOf(shape) }, () => random.uniform(0.1, 1)))]))
  const best = new Map<string, { ms: number, flop: number, bytes: number }>()
  const list = rungs(c)
  for (let round = 0; round <= (quick ? 3 : 9); round++) {
    startProfiling()
    for (const { kernel, run } of list) {
      if ((best.get(kernel.file)?.ms ?? 0) < SLOW_MS) run(() => { launch(ladderNamed(c.target), tensors, c.params) })
    }
    await finish()
    for (const [file, { ns, flop, bytes }] of await stopProfiling()) {
      // Round 0 compiles.
      if (round || ns > SLOW_MS * 1e6) best.set(file, { ms: Math.min(best.get(file)?.ms ?? Infinity, ns / 1e6), flop, bytes })
    }
  }
  for (const t of Object.values(tensors)) release(t)
  const chosen = choose(ladderNamed(c.target), c.params), slowest = best.get(list[0]!.kernel.file)!.ms
  for (const { kernel } of list) {
    const { ms, flop, bytes } = best.get(kernel.file)!
    const rate = `${((flop || bytes) / ms / 1e6).toFixed(flop ? 1 : 2).padStart(7)} ${flop ? 'GFLOP/s' : 'GB/s'}`
    console.log(`${c.label.padEnd(34)}${kernel.file.padEnd(42)}${ms.toFixed(3).padStart(10)} ms${rate.padEnd(16)}` +
      `${(slowest / ms).toFixed(1).padStart(7)}x${kernel === chosen ? '  *' : ''}`)
  }
}

await open()
try {
  console.log(`${adapterInfo.description || adapterInfo.device}; * is what an op takes\n`)
  for (const c of cases) {
    if ((quick && c.large) || !`${c.target} ${c.label}`.includes(only)) continue
    await time(c)
  }
} finally {
  await close()
}
