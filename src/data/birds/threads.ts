/** Drawing on all processor cores: jobs are dealt out to threads, which draw and write the pictures. */
import { availableParallelism } from 'node:os'
import type { Worker } from 'node:worker_threads'
import { neighbour, startThread } from '../feed/thread.ts'
import type { BirdOptions, DrawnBird } from './draw.ts'
import type { Job } from './jobs.ts'

/** The work of a thread. */
export interface Order {
  dir: string
  seed: number
  options: BirdOptions
  jobs: Job[]
}

/** A thread's report of a picture once it is written. */
export interface Done extends Pick<DrawnBird, 'box' | 'parts'> {
  index: number
}

const WORKER = neighbour('./worker', import.meta.url)

/**
 * Draws and writes every job. Resolves to the threads' reports, by the pictures' indices.
 *
 * @throws as the first thread that fails, or as `onProgress`, after all threads have ended.
 */
export async function drawAll(
  { jobs, ...order }: Order,
  onProgress?: (done: number, total: number) => void,
): Promise<Map<number, Done>> {
  const threads = Math.min(8, availableParallelism(), Math.ceil(jobs.length / 16))
  const done = new Map<number, Done>()
  const report = (some: Done[]): void => {
    for (const one of some) done.set(one.index, one)
    onProgress?.(done.size, jobs.length)
  }
  const workers = Array.from({ length: threads }, (_, thread) => {
    const workerData: Order = { ...order, jobs: jobs.filter((_, k) => k % threads === thread) }
    return startThread(WORKER, workerData)
  })
  try {
    await Promise.all(workers.map(worker => finished(worker, report)))
  } finally {
    await Promise.all(workers.map(worker => worker.terminate()))
  }
  return done
}

const finished = (worker: Worker, report: (some: Done[]) => void): Promise<void> =>
  new Promise((resolve, reject) => {
    worker.on('message', (some: Done[]) => {
      try {
        report(some)
      } catch (error) {
        reject(error)
      }
    })
    worker.on('error', reject)
    worker.on('exit', code => {
      if (code) reject(new Error(`a thread that draws birds ended with code ${code}`))
      else resolve()
    })
  })
