/**
 * Whole training steps, replayed from plans: what the host spends, how long a step takes, images per second, memory;
 * and how soon the first step is done in a process that has compiled nothing yet.
 *
 *   npm run bench:step [-- --only resnet18 --runs 15 --json FILE]
 */
import { writeFileSync } from 'node:fs'
import { Command, InvalidArgumentError } from 'commander'
import { close, open } from '../src/engine/open.ts'
import { Plan } from '../src/engine/plan.ts'
import { Random } from '../src/engine/random.ts'
import type { Tensor } from '../src/engine/tensor.ts'
import { finish, persistent, release } from '../src/engine/transfer.ts'
import { adapterInfo } from '../src/gpu/device.ts'
import { AdamW, SGD } from '../src/nn/optim.ts'
import { RESNET18, ResNet } from '../src/nn/resnet.ts'
import { valueAndGrad } from '../src/ops/backward.ts'
import { crossEntropy } from '../src/ops/loss.ts'
import { Tasn } from '../src/tasn/network.ts'
import { noChanges } from '../src/train/augmentation.ts'
import { PRESETS, type Preset, type PresetName } from '../src/train/presets.ts'
import { feed, makeInputs, trainStep } from '../src/train/steps.ts'

interface Row {
  name: string
  images: number
  launches: number
  ms: number
  encodeMs: number
  imagesPerSecond: number
  gflops: number
  plannedMiB: number
  firstMs: number
}

const whole = (text: string): number => {
  const n = Number(text)
  if (!Number.isSafeInteger(n) || n < 3) throw new InvalidArgumentError('A whole number of at least 3 is needed.')
  return n
}
const { only, runs, json } = new Command('npm run bench:step --')
  .description('Times whole training steps.')
  .option('--only <word>', 'steps whose name contains the word', '')
  .option('--runs <n>', 'steps to take the median of', whole, 11)
  .option('--json <file>', 'write the figures there, too')
  .allowExcessArguments(false)
  .parse()
  .opts<{ only: string; runs: number; json?: string }>()

const random = new Random(1)
const noise = (shape: number[]): Tensor =>
  persistent(
    shape,
    Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => random.uniform(-1, 1)),
  )

/** A training step and what it works on. The rate is set once: it does not change what a step costs. */
interface Made {
  readonly images: number
  readonly step: () => readonly Tensor[]
  readonly kept: Iterable<Tensor>
}

function resnet18(N: number, side: number): Made {
  const model = new ResNet(random, RESNET18, 1000)
  const params = model.parameters()
  const sgd = new SGD(params)
  const x = noise([N, 3, side, side])
  const labels = persistent(
    [N],
    Uint32Array.from({ length: N }, (_, i) => i),
  )
  sgd.advance(0.01)
  return {
    images: N,
    kept: [...model.state().values(), ...sgd.state().values(), x, labels],
    step: () => {
      const { value, grads } = valueAndGrad(() => crossEntropy(model.forward(x), labels), [...params.values()])
      sgd.step(grads)
      return [value]
    },
  }
}

function tasn(name: PresetName): Made {
  const { model: size, training }: Preset = PRESETS[name]
  const N = training.batch
  const [H, W] = size.imageSize
  const model = new Tasn(random, { ...size, classes: 16 })
  const params = model.parameters()
  const inputs = makeInputs(N, size.imageSize)
  const optimizer = training.optimizer === 'adamw' ? new AdamW(params) : new SGD(params)
  feed(
    inputs,
    Uint32Array.from({ length: N * H * W }, () => random.int(2 ** 32)),
    noChanges(N),
    Uint32Array.from({ length: N }, (_, i) => i % 16),
    Float32Array.from({ length: N }, () => random.next()),
  )
  optimizer.advance(0.001)
  return {
    images: N,
    kept: [...model.state().values(), ...optimizer.state().values(), ...(Object.values(inputs) as Tensor[])],
    step: () => trainStep(model, inputs, { params: [...params.values()], optimizers: [optimizer] }),
  }
}

const STEPS: [string, () => Made][] = [
  ['ResNet-18, 8 x 64x64', () => resnet18(8, 64)],
  ['TASN tiny', () => tasn('tiny')],
  ['TASN small', () => tasn('small')],
]
/** On a CPU a step of this takes ten seconds: only if it is asked for. */
const SLOW = 'TASN small'

const median = (v: number[]): number => [...v].sort((a, b) => a - b)[v.length >> 1]!

await open()
const rows: Row[] = []
for (const [name, make] of STEPS.filter(
  ([name]) =>
    name.toLowerCase().replaceAll('-', '').includes(only.toLowerCase().replaceAll('-', '')) &&
    (only || !adapterInfo.software || name !== SLOW),
)) {
  const { images, step, kept } = make()
  await finish()
  const start = performance.now()
  const plan = await Plan.make(step)
  plan.run()
  await finish()
  const firstMs = performance.now() - start
  const times: number[] = []
  const encode: number[] = []
  for (let i = -2; i < runs; i++) {
    const start = performance.now()
    plan.run()
    const encoded = performance.now()
    await finish()
    if (i < 0) continue
    times.push(performance.now() - start)
    encode.push(encoded - start)
  }
  const ms = median(times)
  const { flop } = plan
  rows.push({
    name,
    images,
    launches: plan.launches.length,
    ms,
    encodeMs: median(encode),
    imagesPerSecond: (1000 * images) / ms,
    gflops: flop / ms / 1e6,
    plannedMiB: plan.memory.planned / 2 ** 20,
    firstMs,
  })
  plan.destroy()
  for (const t of kept) release(t)
}
if (!rows.length)
  throw new Error(`no step's name contains ${JSON.stringify(only)}; there are ${STEPS.map(([n]) => n).join(', ')}`)

const columns: [string, (r: Row) => string][] = [
  ['step', r => r.name],
  ['images', r => `${r.images}`],
  ['launches', r => `${r.launches}`],
  ['ms', r => r.ms.toFixed(1)],
  ['encode ms', r => r.encodeMs.toFixed(2)],
  ['images/s', r => r.imagesPerSecond.toFixed(1)],
  ['GFLOP/s', r => r.gflops.toFixed(1)],
  ['planned MiB', r => r.plannedMiB.toFixed(1)],
  ['first step after ms', r => r.firstMs.toFixed(0)],
]
const cells = [columns.map(([head]) => head), ...rows.map(r => columns.map(([, f]) => f(r)))]
console.log(`${adapterInfo.description || adapterInfo.device}; medians of ${runs} steps\n`)
for (const line of cells)
  console.log(
    line
      .map((cell, c) => {
        const width = Math.max(...cells.map(l => l[c]!.length))
        return c ? cell.padStart(width) : cell.padEnd(width)
      })
      .join('  '),
  )
console.log(
  '\nGFLOP/s counts convolutions and matrix products. The first step includes recording, placing and compiling.',
)
if (json) writeFileSync(json, `${JSON.stringify({ adapter: adapterInfo, runs, rows }, null, 2)}\n`)
await close()
