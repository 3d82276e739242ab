/** A thread of drawAll(): draws its share of the pictures and writes them as PNG files. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parentPort, workerData } from 'node:worker_threads'
import { drawBird } from './draw.ts'
import { encode } from './png.ts'
import type { Done, Order } from './threads.ts'

const { dir, seed, options, jobs } = workerData as Order
let done: Done[] = []

jobs.forEach(({ index, file }, k) => {
  const { rgb, box, parts } = drawBird(seed, index, options)
  writeFileSync(join(dir, file), encode(rgb, options.size, options.size))
  done.push({ index, box, parts })
  if (done.length === 32 || k === jobs.length - 1) {
    parentPort!.postMessage(done)
    done = []
  }
})
