/** DecodePool: threads that decode and resize images, so that the main thread is free to keep the GPU busy. */
import { availableParallelism } from 'node:os'
import type { Worker } from 'node:worker_threads'
import type { DecodeOptions, Image } from '../decode.ts'
import { DataError } from '../problems.ts'
import type { ImageCache } from './image_cache.ts'
import type { Loaded } from './store.ts'
import { neighbour, startThread } from './thread.ts'

/** Work for a thread: a file to be read at a short side of `size` pixels. */
export interface Order {
  readonly id: number
  readonly file: string
  readonly size: number
  readonly options: DecodeOptions
  /** The cache to look into, and whether the image may be added to it. */
  readonly cache: { readonly folder: string; readonly add: boolean } | undefined
}

/** A thread's answer to an order. */
export type Report =
  | { readonly id: number; readonly loaded: Loaded }
  | { readonly id: number; readonly error: { readonly message: string; readonly data: boolean } }

interface Job {
  readonly order: Order
  readonly images: ImageCache | undefined
  readonly resolve: (image: Image) => void
  readonly reject: (error: Error) => void
}

const MODULE = neighbour('./decoder', import.meta.url)
/** Orders that a thread has at a time: while one is being decoded, the file of another can be read. */
const AT_A_TIME = 2

/**
 * Runs loadShortSide() on as many threads as the machine has processors, at most 8. They start when there is work for
 * them and do not keep the process alive.
 *
 * sharp decodes JPEG on four threads that Node has anyway, and this does not make them more: as many JPEGs come in a
 * second as without it, at a fifth of the main thread's time. PNG, enlarging, and checking what the cache holds gain
 * in speed as well (bench/README.md).
 */
export class DecodePool {
  /** Number of threads, at most. */
  readonly threads: number
  readonly #running = new Map<Worker, Map<number, Job>>()
  readonly #waiting: Job[] = []
  #next = 0

  readonly #module: URL

  /** @param module what a thread runs; another one than decoder.ts is for tests. */
  constructor(threads = Math.min(8, availableParallelism()), module = MODULE) {
    this.threads = threads
    this.#module = module
  }

  /** Number of orders that keep all threads busy. */
  get slots(): number {
    return this.threads * AT_A_TIME
  }

  /**
   * loadShortSide() on a thread, by way of the cache if one is given. The pixels are the caller's.
   *
   * @throws DataError as loadShortSide() does; an Error naming the file if the thread dies or the pool is closed.
   */
  async load(file: string, size: number, images?: ImageCache, options: DecodeOptions = {}): Promise<Image> {
    const cache = images && { folder: images.folder, add: await images.hasRoom() }
    return new Promise((resolve, reject) => {
      this.#waiting.push({ order: { id: this.#next++, file, size, options, cache }, images, resolve, reject })
      this.#deal()
    })
  }

  /** Starts all threads, so that the first load() finds them. */
  start(): void {
    while (this.#running.size < this.threads) this.#start()
  }

  /** Ends the threads; what they have not finished is rejected. A later load() starts new ones. */
  async close(): Promise<void> {
    const workers = [...this.#running.keys()]
    for (const job of this.#waiting.splice(0)) job.reject(new Error(`${job.order.file}: the pool was closed`))
    for (const worker of workers) this.#lose(worker, 'the pool was closed')
    await Promise.all(workers.map(worker => worker.terminate()))
  }

  /** Gives what waits to the threads that have the least to do, a new one where that is better. */
  #deal(): void {
    for (;;) {
      const job = this.#waiting[0]
      if (!job) return
      let [worker, jobs] = least(this.#running)
      if (!jobs || (jobs.size > 0 && this.#running.size < this.threads)) [worker, jobs] = this.#start()
      if (jobs.size >= AT_A_TIME) return
      this.#waiting.shift()
      jobs.set(job.order.id, job)
      worker!.ref()
      worker!.postMessage(job.order)
    }
  }

  #start(): [Worker, Map<number, Job>] {
    const worker = startThread(this.#module)
    const jobs = new Map<number, Job>()
    this.#running.set(worker, jobs)
    worker.on('message', (report: Report) => this.#take(worker, report))
    worker.on('error', error => this.#lose(worker, error.message))
    worker.on('exit', code => this.#lose(worker, `exit code ${code}`))
    worker.unref() // last, for a listener takes hold of the process again
    return [worker, jobs]
  }

  #take(worker: Worker, report: Report): void {
    const jobs = this.#running.get(worker)
    const job = jobs?.get(report.id)
    if (!jobs || !job) return
    jobs.delete(report.id)
    if (!jobs.size) worker.unref()
    if ('loaded' in report) {
      job.images?.note(report.loaded)
      job.resolve(report.loaded.image)
    } else {
      const { message, data } = report.error
      job.reject(data ? new DataError(message) : new Error(`${job.order.file}: ${message}`))
    }
    this.#deal()
  }

  /** Rejects what a thread had to do when it ended. Another takes its place when there is work. */
  #lose(worker: Worker, reason: string): void {
    const jobs = this.#running.get(worker)
    if (!this.#running.delete(worker)) return
    for (const { order, reject } of jobs!.values())
      reject(
        new Error(
          `${order.file}: the thread that was to decode it has ended (${reason}); look for a huge or damaged file, ` +
            'or too little memory',
        ),
      )
    this.#deal()
  }
}

/** The thread with the least to do. */
function least(running: ReadonlyMap<Worker, Map<number, Job>>): [Worker, Map<number, Job>] | [] {
  let best: [Worker, Map<number, Job>] | [] = []
  for (const entry of running) if (!best[1] || entry[1].size < best[1].size) best = entry
  return best
}

/** The pool of the process. */
export const decodePool = new DecodePool()
