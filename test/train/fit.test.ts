/** A training that cannot fit says so before it starts, and which batch would. */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { stats } from '../../src/engine/buffers.ts'
import { Plan } from '../../src/engine/plan.ts'
import type { Tensor } from '../../src/engine/tensor.ts'
import { persistent, read, release } from '../../src/engine/transfer.ts'
import { gpu } from '../../src/gpu/device.ts'
import { square } from '../../src/ops/elementwise.ts'
import { matmul } from '../../src/ops/matmul.ts'
import { freeBytes, readyOrExplain } from '../../src/train/fit.ts'
import { setVariable } from '../support/variable.ts'

const KIB = 1024
const row = 256 // an image of this training is one number, and its step makes two rows of 1 KiB of it
const inputs: Tensor[] = []
function recordAt(batch: number): Plan[] {
  const x = persistent([batch, 1], new Float32Array(batch).fill(3))
  const w = persistent([1, row], new Float32Array(row).fill(1))
  inputs.push(x, w)
  return [Plan.record(() => [square(matmul(x, w))])]
}
const need = (batch: number): number => recordAt(batch)[0]!.memory.planned

/** Runs `body` with another value of the switch MEMORY. */
async function withMemory<T>(gib: number | string, body: () => Promise<T>): Promise<T> {
  const putBack = setVariable('MEMORY', `${gib}`)
  try {
    return await body()
  } finally {
    putBack()
  }
}
/** MEMORY so that `free` bytes are left beside what is there now. */
const leaving = (free: number): number => (stats.bytes + free) / 2 ** 30

async function refusal(batch: number, plans: Plan[], more: object = { accumulate: 3 }): Promise<string> {
  try {
    await readyOrExplain(plans, { batch, ...more }, recordAt)
  } catch (error) {
    return (error as Error).message
  }
  return assert.unreachable('it was to be refused') as never
}

const t = suite('train/fit')
t.after.each(() => {
  for (const x of inputs.splice(0)) release(x)
})

t('what fits is made ready and runs', async () => {
  const plans = recordAt(3)
  await withMemory(leaving(plans[0]!.memory.planned), () =>
    readyOrExplain(plans, { batch: 3, accumulate: 1 }, recordAt),
  )
  assert.equal([...(await read(plans[0]!.run()[0]!))], new Array(3 * row).fill(9))
  plans[0]!.destroy()
})

t('too little memory: the largest batch that fits, and how to make up for it', async () => {
  const free = need(5)
  const plans = recordAt(16)
  const made = inputs.length
  const before = stats.bytes
  const message = await withMemory(leaving(free), () => refusal(16, plans))
  assert.match(
    message,
    /^a training step of 16 images does not fit: .* free of MEMORY=.*\. --batch 5 fits; with --accumulate 10 /,
  )
  for (const x of inputs.splice(made)) release(x)
  assert.is(stats.bytes, before, 'nothing was allocated but the inputs')
  assert.is(need(5) <= free && need(6) > free, true)
})

t('a test: the batch that fits alone', async () => {
  const plans = recordAt(16)
  const message = await withMemory(leaving(need(5)), () => refusal(16, plans, {}))
  assert.match(message, /^a test of 16 images does not fit: .* free of MEMORY=.*\. --batch 5 fits$/)
})

t('not even one image', async () => {
  const message = await withMemory(leaving(KIB), () => refusal(1, recordAt(1)))
  assert.match(message, /step of 1 image does not fit.*not even one image fits: take a smaller --preset/)
})

t('a tensor over what the adapter binds', async () => {
  const limits = gpu.limits
  Object.defineProperty(gpu, 'limits', {
    configurable: true,
    value: { maxBufferSize: 1e9, maxStorageBufferBindingSize: 10 * KIB },
  })
  try {
    assert.match(
      await refusal(64, recordAt(64)),
      /largest tensor takes 0\.1 MiB, and this adapter binds at most 0\.0 MiB at once\. --batch 10 fits/,
    )
  } finally {
    Object.defineProperty(gpu, 'limits', { configurable: true, value: limits })
  }
})

t('a GPU that runs out while memory is being allocated', async () => {
  // No adapter here can be brought to it, so the device is made to say it: at the third buffer.
  const ready = recordAt(4)
  const plans = [...ready, ...recordAt(4), ...recordAt(4)]
  const made = inputs.length
  const before = stats.bytes
  const pop = Object.getOwnPropertyDescriptor(gpu, 'popErrorScope')
  const real = gpu.popErrorScope.bind(gpu)
  const got = ready[0]!.memory.planned
  let asked = 0
  gpu.popErrorScope = async () => {
    await real()
    return ++asked === 3 ? ({ message: 'out of device memory' } as GPUError) : null
  }
  try {
    const message = await refusal(4, plans)
    assert.match(message, /the GPU gave 0\.0 MiB\. --batch \d fits/)
    assert.ok(asked === 3 && got > 0)
  } finally {
    if (pop) Object.defineProperty(gpu, 'popErrorScope', pop)
    else delete (gpu as Partial<GPUDevice>).popErrorScope
  }
  for (const x of inputs.splice(made)) release(x)
  assert.is(stats.bytes, before, 'what had been allocated was given back')
})

t('an empty variable MEMORY is none', async () => {
  const free = freeBytes()
  assert.ok(free > 0)
  await withMemory('', async () => assert.ok(freeBytes() > free / 2))
})

t.run()
