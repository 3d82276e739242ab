/** Files of strangers: damaged models and state dicts through each reader. None crashes, hangs, or takes memory. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { stats } from '../../src/engine/buffers.ts'
import { Random, Zeros } from '../../src/engine/random.ts'
import type { Tensor } from '../../src/engine/tensor.ts'
import { read, release } from '../../src/engine/transfer.ts'
import { readTensors } from '../../src/io/checkpoint.ts'
import { decodeSafetensors, encodeSafetensors, type HostTensor } from '../../src/io/safetensors.ts'
import { makeBackbone } from '../../src/nn/backbone.ts'
import { Classifier } from '../../src/tasn/classify.ts'
import { inferenceState } from '../../src/tasn/inference.ts'
import { modelMetadata } from '../../src/tasn/model_card.ts'
import { readModel } from '../../src/tasn/model_file.ts'
import { Tasn } from '../../src/tasn/network.ts'
import { loadPretrained } from '../../src/tasn/pretrained.ts'
import { mutate } from '../support/mutate.ts'
import { CONFIG } from '../support/toy_tasn.ts'

/** FILES=10000 for more of them. */
const FILES = Number(process.env.FILES ?? 250)

const t = suite('tasn/strangers')

t(`${FILES} damaged files`, async () => {
  const dir = mkdtempSync(join(tmpdir(), 'tasn-strangers-'))
  const path = join(dir, 'x.safetensors')
  const free = (tensors: Iterable<Tensor>): void => {
    for (const w of tensors) release(w)
  }
  const bytesOf = async (state: ReadonlyMap<string, Tensor>, metadata = {}): Promise<Uint8Array> => {
    const tensors = new Map<string, HostTensor>()
    for (const [name, w] of state) tensors.set(name, { shape: w.shape, data: await read(w) })
    return encodeSafetensors(tensors, metadata)
  }
  const model = new Tasn(new Random(1), CONFIG)
  const sound = [
    await bytesOf(inferenceState(model), modelMetadata({ config: CONFIG, classes: ['a', 'b', 'c', 'd', 'e'] })),
    await bytesOf(model.classifier.state()),
  ] as const
  free(model.state().values())
  const net = makeBackbone(new Zeros(), CONFIG.classifier)
  const before = stats.bytes
  const photo = { width: 30, height: 30, data: new Uint8Array(2700).fill(90) }

  const random = new Random(31)
  const taken = { tensors: 0, pretrained: 0, classifier: 0 }
  let slowest = 0
  let most = 0
  try {
    for (let i = 0; i < FILES; i++) {
      const file = mutate(random, sound[i % 2]!)
      writeFileSync(path, file)
      /** True if it was taken. A refusal is one Error with a short text that a terminal can show. */
      const tried = async (reading: () => Promise<unknown>): Promise<boolean> => {
        const start = performance.now()
        const error = await reading().then(
          () => undefined,
          (e: Error) => e,
        )
        slowest = Math.max(slowest, performance.now() - start)
        if (!error) return true
        assert.is(error.name, 'Error', error.stack)
        assert.ok(error.message.length < 3000 && !/[^\P{Cc}\n]/u.test(error.message), error.message)
        return false
      }
      const heap = process.memoryUsage().arrayBuffers
      if (await tried(() => readTensors(path))) taken.tensors++
      most = Math.max(most, process.memoryUsage().arrayBuffers - heap - 5 * file.length)
      if (await tried(() => loadPretrained(net, path))) {
        taken.pretrained++
        for (const w of net.state().values()) assert.ok((await read(w)).every(Number.isFinite), `file ${i}`)
      }
      for (const content of [() => readModel(path), async () => decodeSafetensors(file, path)])
        await tried(async () => {
          const classifier = new Classifier(await content())
          try {
            taken.classifier++
            for (const { probability } of await classifier.classify(photo)) assert.ok(probability >= 0, `file ${i}`)
          } finally {
            classifier.destroy()
          }
        })
    }
  } finally {
    rmSync(dir, { recursive: true })
    free(net.state().values())
  }
  console.log(`  taken of ${FILES}: ${JSON.stringify(taken)}; the slowest reading took ${Math.round(slowest)} ms`)
  assert.ok(most < 2 ** 20, `${most} bytes more than five times the file, which its numbers may take as float32`)
  assert.ok(taken.tensors > FILES / 50 && taken.classifier > 0 && taken.pretrained > 0)
  assert.ok(slowest < 2000)
  // Photos leave buffers for the next one, of whatever model; models leave nothing.
  assert.ok(stats.bytes - before < 2 ** 20, `${stats.bytes - before} bytes of the GPU's memory`)
})

t.run()
