/**
 * Times every rung of every ladder at the shapes of real steps: those of a tiny TASN, recorded from its plan, and those
 * of full-sized networks. Rungs take turns in one process, so a busy machine slows all of them alike; best of several
 * rounds. Beside each rung, its share of what this adapter can do at best (roofline.ts, measured in the same run).
 *
 *   npm run bench [-- --only conv2d --quick --json FILE]
 */
import { writeFileSync } from 'node:fs'
import { Command } from 'commander'
import { prepare } from '../src/engine/launch.ts'
import { close, open } from '../src/engine/open.ts'
import { Plan } from '../src/engine/plan.ts'
import { Random, Zeros } from '../src/engine/random.ts'
import { type Shape, sizeOf, type Tensor } from '../src/engine/tensor.ts'
import { persistent, release } from '../src/engine/transfer.ts'
import { type Case, casesOf, caseText } from '../src/engine/tune/cases.ts'
import { milliseconds } from '../src/engine/tune/clocks.ts'
import { adapterInfo } from '../src/gpu/device.ts'
import { declaredLadders, labelOf, type Rung } from '../src/gpu/kernel.ts'
import { choose, rungsThatFit } from '../src/gpu/ladder.ts'
import { AdamW } from '../src/nn/optim.ts'
import { valueAndGrad } from '../src/ops/backward.ts'
import { batchNorm } from '../src/ops/batch_norm.ts'
import { byWinograd, type ConvOptions, conv2d } from '../src/ops/conv2d.ts'
import type { ConvShape } from '../src/ops/conv2d_shape.ts'
import { mul } from '../src/ops/elementwise.ts'
import { matmul } from '../src/ops/matmul.ts'
import { sum } from '../src/ops/reduce.ts'
import { softmax } from '../src/ops/softmax.ts'
import { Tasn } from '../src/tasn/network.ts'
import { PRESETS } from '../src/train/presets.ts'
import { makeInputs, trainStep } from '../src/train/steps.ts'
import { measureRoofline } from './roofline.ts'

const { only, quick, json } = new Command('npm run bench --')
  .description('Times the kernels.')
  .option('--only <word>', 'rows that contain the word', '')
  .option('--quick', 'fewer rounds, the tiny shapes only')
  .option('--json <file>', 'write the figures there, too')
  .allowExcessArguments(false)
  .parse()
  .opts<{ only: string; quick?: true; json?: string }>()

/** A rung that needs longer than this is not run again. */
const SLOW_MS = 400

// ---- shapes
// --------------------------------------------------------------------------------------------------------------------

/** The distinct ladder launches of a step. */
const casesIn = (step: () => readonly Tensor[]): Case[] => casesOf(Plan.record(step, { most: Infinity }).launches)

/** A training step of the tiny preset. */
function tinyStep(): { step: () => readonly Tensor[]; kept: Tensor[] } {
  const {
    model: size,
    training: { batch },
  } = PRESETS.tiny
  const model = new Tasn(new Zeros(), { ...size, classes: 16 })
  const params = model.parameters()
  const inputs = makeInputs(batch, size.imageSize)
  const adam = new AdamW(params)
  return {
    step: () => trainStep(model, inputs, { params: [...params.values()], optimizers: [adam] }),
    kept: [...model.state().values(), ...adam.state().values(), ...(Object.values(inputs) as Tensor[])],
  }
}

/** An op, there and back, on inputs of these shapes. */
function bothWays(shapes: readonly Shape[], op: (x: Tensor[]) => Tensor): Case[] {
  const inputs = shapes.map(s => persistent(s))
  const y = Plan.record(() => [op(inputs)]).outputs[0]!
  const dy = persistent(y.shape)
  for (const x of inputs) x.requiresGrad = true
  const cases = casesIn(() => [...valueAndGrad(() => sum(mul(op(inputs), dy)), inputs).grads.values()]).filter(
    c => c.ladder.name !== 'reduce',
  )
  for (const t of [...inputs, dy]) release(t)
  return cases
}
const conv = (x: Shape, K: number, size: number, o: ConvOptions): Case[] =>
  bothWays([x, [K, x[1]!, size, size]], ([x, w]) => conv2d(x!, w!, undefined, { ...o, algorithm: 'direct' }))
const norm = (x: Shape): Case[] => {
  const state = () => persistent([x[1]!])
  const [running_mean, running_var] = [state(), state()]
  return bothWays([x, [x[1]!], [x[1]!]], ([x, weight, bias]) =>
    batchNorm(x!, { weight: weight!, bias: bias!, running_mean, running_var }, { training: true, relu: true }),
  )
}
const large = (): Case[] => [
  ...conv([8, 64, 56, 56], 64, 3, { padding: 1 }),
  ...conv([8, 64, 56, 56], 64, 3, { padding: 1, stride: 2 }),
  ...conv([8, 256, 14, 14], 512, 1, {}),
  ...conv([8, 128, 28, 28], 128, 3, { padding: 2, dilation: 2 }),
  ...conv([4, 3, 224, 224], 64, 7, { padding: 3, stride: 2 }),
  ...conv([8, 512, 7, 7], 512, 3, { padding: 1 }),
  ...bothWays(
    [
      [512, 512],
      [512, 512],
    ],
    ([a, b]) => matmul(a!, b!),
  ),
  ...bothWays(
    [
      [1024, 1024],
      [1024, 1024],
    ],
    ([a, b]) => matmul(a!, b!),
  ),
  ...bothWays(
    [
      [8, 256, 196],
      [8, 196, 256],
    ],
    ([a, b]) => matmul(a!, b!),
  ),
  ...norm([8, 64, 56, 56]),
  ...norm([8, 512, 7, 7]),
  ...bothWays([[2, 512, 784]], ([x]) => softmax(x!)),
]

// ---- timing
// --------------------------------------------------------------------------------------------------------------------

interface Row {
  ladder: string
  shape: string
  count: number
  rung: string
  ms: number
  gflops?: number
  gigabytes: number
  ofPeak: number
  speedUp: number
  /** The rung that its ladder takes. */
  chosen: boolean
  /** conv2d runs Winograd's kernels at this shape, and no rung of this ladder. */
  winograd: boolean
}

const random = new Random(1)
async function time(c: Case, roofline: { gflops: number; gigabytes: number }): Promise<Row[]> {
  const tensors = Object.fromEntries(
    Object.entries(c.shapes).map(([name, shape]) => [
      name,
      persistent(
        shape,
        Float32Array.from({ length: sizeOf(shape) }, () => random.uniform(0.1, 1)),
      ),
    ]),
  )
  const best = new Map<Rung, number>()
  const list = rungsThatFit(c.ladder, c.params, { all: true })
  for (let round = 0; round <= (quick ? 3 : 8); round++) {
    for (const rung of list) {
      if ((best.get(rung) ?? 0) > SLOW_MS) continue
      const ms = await milliseconds(prepare(c.ladder, tensors, c.params, rung))
      if (round || ms > SLOW_MS) best.set(rung, Math.min(best.get(rung) ?? Infinity, ms)) // round 0 compiles
    }
  }
  const bytes = Object.values(tensors).reduce((sum, t) => sum + t.storage.bytes, 0)
  const chosen = choose(c.ladder, c.params)
  for (const t of Object.values(tensors)) release(t)
  return list.map(rung => {
    const ms = best.get(rung)!
    const gigabytes = bytes / ms / 1e6
    const flop = c.ladder.flop?.(c.params)
    const gflops = flop && flop / ms / 1e6
    return {
      ladder: c.ladder.name,
      shape: caseText(c),
      count: c.count,
      rung: labelOf(rung),
      ms,
      ...(gflops ? { gflops } : {}),
      gigabytes,
      ofPeak: gflops ? gflops / roofline.gflops : gigabytes / roofline.gigabytes,
      speedUp: best.get(list[0]!)! / ms,
      chosen: rung === chosen,
      winograd: c.ladder.name.startsWith('conv2d') && byWinograd(c.params as ConvShape),
    }
  })
}

function print(r: Row): void {
  const rate = r.gflops ? `${r.gflops.toFixed(1)} GFLOP/s` : `${r.gigabytes.toFixed(1)} GB/s`
  console.log(
    `${r.shape.padEnd(36)}${r.rung.padEnd(54)}${r.ms.toFixed(3).padStart(9)} ` +
      `ms${rate.padStart(15)}${(100 * r.ofPeak).toFixed(0).padStart(5)} %` +
      `${r.speedUp.toFixed(1).padStart(7)}x${r.chosen ? (r.winograd ? '  W' : '  *') : ''}`,
  )
}

await open()
try {
  const roofline = await measureRoofline()
  const { step, kept } = tinyStep()
  const rows: Row[] = []
  const cases = [...casesIn(step), ...(quick ? [] : large())].filter(c =>
    `${c.ladder.name} ${caseText(c)}`.includes(only),
  )
  for (const t of kept) release(t)
  if (!cases.length)
    throw new Error(
      `no row contains ${JSON.stringify(only)}; the ladders are ${declaredLadders()
        .map(l => l.name)
        .join(', ')}`,
    )
  const { gflops, gigabytes } = roofline
  const best = `${gflops.toFixed(0)} GFLOP/s of multiply-adds and ${gigabytes.toFixed(1)} GB/s of copying`
  console.log(
    `${adapterInfo.description || adapterInfo.device}\nat best ${best}\n\n` +
      'shape, rung, time, rate, share of the best (multiply-adds where the kernel counts them, else copying), times\n' +
      'the naive rung; * is the rung that an op takes, W the one that it would take if it did not go by Winograd here',
  )
  for (const { name } of declaredLadders()) {
    const mine = cases.filter(c => c.ladder.name === name)
    if (mine.length) console.log(`\n${name}`)
    for (const c of mine)
      for (const row of await time(c, roofline)) {
        rows.push(row)
        print(row)
      }
  }
  if (json) writeFileSync(json, `${JSON.stringify({ adapter: adapterInfo, roofline, rows }, null, 1)}\n`)
} finally {
  await close()
}
