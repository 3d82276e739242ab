/** Plan: a step written down once, its memory placed, and replayed. */

import { gpu, wait } from '../gpu/device.ts'
import { paramBytes } from '../gpu/params.ts'
import { compile } from '../gpu/variant.ts'
import { checkBytes, createBuffer, destroyBuffer, mostBytes } from './buffers.ts'
import { launchText } from './debug.ts'
import { bindGroup, encode, flush, SLOT } from './encode.ts'
import { type Launch, rechosen } from './launch.ts'
import { blocksIn, inSharedBuffers, lifetimes, placed, type StorageLifetime } from './lifetime.ts'
import { type Placement, place } from './placement.ts'
import { writeDown } from './recording.ts'
import { movesSoFar } from './row.ts'
import type { Storage, Tensor } from './tensor.ts'
import { tune } from './tune/tune.ts'

/** Bytes of a plan's own tensors: as placed, if nothing shared memory, and the most that is alive at any one launch. */
export interface PlanMemory {
  readonly planned: number
  readonly unplanned: number
  readonly lowerBound: number
}

/** The GPU has not the memory for a plan: it wanted `wanted` bytes, and `got` could be had. */
export class OutOfMemory extends Error {
  readonly got: number

  constructor(wanted: number, got: number) {
    super(
      `the plan needs ${(wanted / 2 ** 30).toFixed(2)} GiB, and the GPU gave no more than ` +
        `${(got / 2 ** 30).toFixed(2)} GiB: use a smaller batch or image`,
    )
    this.got = got
  }
}

/**
 * A step written down once and replayed for ever.
 *
 * A step is an ordinary synchronous function, and WebGPU can only be read asynchronously: so what a step launches
 * cannot depend on what any tensor holds, and one recording is good for every later run. Recording runs nothing and
 * allocates nothing (but constant()s that were not there yet); with the whole step in hand, the first and last use of
 * every block are known. WebGPU cannot resubmit a command buffer, so run() encodes again, but from finished bind
 * groups.
 *
 * Numbers given to launch() are frozen in the recording. What changes from run to run (images, labels, learning rate)
 * must be in a persistent tensor, written before run().
 */
export class Plan<Outputs extends readonly Tensor[] = readonly Tensor[]> {
  /** The tensors that the step returned; they hold the results of the last run(). */
  readonly outputs: Outputs
  readonly memory: PlanMemory
  /** The largest block, and the first launch that uses it. */
  readonly largest: { readonly bytes: number; readonly launch: number }
  /** For every launch, the bytes alive while it runs. */
  readonly alive: readonly number[]
  readonly #lifetimes: StorageLifetime[]
  readonly #homes: Placement['homes']
  /** The launches as they were recorded, on the rungs that were chosen then. */
  readonly #recorded: readonly Launch[]
  #launches: readonly Launch[] = []
  #buffers: GPUBuffer[] = []
  #params: GPUBuffer | undefined
  #groups: GPUBindGroup[] = []
  /** Moves of persistent tensors (row.ts) until the groups were made. */
  #moves = 0

  private constructor(outputs: Outputs, launches: Launch[], most: number) {
    this.outputs = outputs
    this.#lifetimes = lifetimes(outputs, launches)
    const { homes, planned, unplanned, lowerBound, alive } = place(this.#lifetimes, launches.length, most)
    this.#homes = homes
    this.memory = { planned, unplanned, lowerBound }
    this.alive = alive
    this.largest = this.#lifetimes.reduce(
      (most, { bytes, first: launch }) => (bytes > most.bytes ? { bytes, launch } : most),
      { bytes: 0, launch: 0 },
    )
    this.#recorded = launches
    this.#choose()
  }

  get launches(): readonly Launch[] {
    return this.#launches
  }

  /** Multiplications and additions of a run, of the kernels that know them: convolutions and matrix products. */
  get flop(): number {
    return this.launches.reduce((sum, { ladder, params }) => sum + (ladder.flop?.(params) ?? 0), 0)
  }

  /**
   * Puts every launch on the rung that is chosen now. Rungs of a ladder bind the same tensors, so the placement stands.
   */
  #choose(): void {
    const home = new Map(
      this.#homes.flatMap(({ seats }, h) =>
        seats.flatMap(({ block }) =>
          blocksIn(this.#lifetimes[block]!.storage).map(({ storage }): [Storage, number] => [storage, h]),
        ),
      ),
    )
    this.#launches = this.#recorded.map(l => inSharedBuffers(rechosen(l), home))
  }

  /**
   * Calls `step` once with tensors that have no memory and keeps what it launched. Runs nothing, allocates nothing.
   * Shared buffers are placed to hold at most `most` bytes, this adapter's limit unless told: to plan for another GPU.
   */
  static record<Outputs extends readonly Tensor[]>(step: () => Outputs, { most = mostBytes() } = {}): Plan<Outputs> {
    const { result, launches } = writeDown(step, most)
    return new Plan(result, launches, most)
  }

  /** Records and makes ready(). */
  static async make<Outputs extends readonly Tensor[]>(step: () => Outputs): Promise<Plan<Outputs>> {
    const plan = Plan.record(step)
    await plan.ready()
    return plan
  }

  /**
   * Tunes (tune/tune.ts), compiles what is not compiled yet (side by side), allocates and binds, so that run() can
   * follow.
   * @throws OutOfMemory
   */
  async ready(): Promise<void> {
    await tune(this.#recorded)
    this.#choose()
    await compile(this.launches.map(l => l.variant))
    await this.#allocate()
    this.#bind()
  }

  /** Launches the whole step. Creates nothing; returns at once (read() an output to wait for it). */
  run(): Outputs {
    if (!this.#groups.length) throw new Error('this plan was only recorded, or has been destroyed: use Plan.make()')
    flush()
    if (this.#moves !== movesSoFar()) this.#bind()
    this.launches.forEach((l, i) => {
      encode(l, l.variant.pipeline!, this.#groups[i]!)
    })
    flush()
    return this.outputs
  }

  /** Gives all memory back. The outputs can be read no more. */
  destroy(): void {
    flush() // launches that use it may be waiting
    for (const b of this.#buffers) destroyBuffer(b)
    this.#params?.destroy()
    for (const t of this.outputs)
      if (!t.storage.persistent) for (const { storage } of blocksIn(placed(t.storage))) storage.buffer = undefined
    this.#groups = []
    this.#buffers = []
  }

  async #allocate(): Promise<void> {
    let got = 0
    const labelled = this.#homes.map(home => ({ ...home, label: `plan, shared by ${home.seats.length} tensor(s)` }))
    // All of them before the first is made: an error between push and pop would leave the error scope open.
    for (const { bytes, label } of labelled) checkBytes(bytes, label)
    for (const { bytes, label } of labelled) {
      gpu.pushErrorScope('out-of-memory')
      const buffer = createBuffer(bytes, label)
      this.#buffers.push(buffer)
      if (await wait(gpu.popErrorScope())) {
        this.destroy()
        throw new OutOfMemory(this.memory.planned, got)
      }
      got += bytes
    }
  }

  /** Tells every block where it lies, for as long as it takes to bind them. */
  #seat(): void {
    this.#homes.forEach(({ seats }, h) => {
      for (const { block, offset } of seats)
        for (const { storage, at } of blocksIn(this.#lifetimes[block]!.storage))
          Object.assign(storage, { buffer: this.#buffers[h], offset: offset + at })
    })
  }

  /** All params in one uniform buffer, one slot a launch, uploaded once. */
  #bind(): void {
    this.#seat()
    this.#moves = movesSoFar()
    const bytes = new Uint8Array(SLOT * this.launches.length)
    const usage = GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST
    const buffer = gpu.createBuffer({ label: 'plan params', size: bytes.length, usage })
    this.#params?.destroy()
    this.#params = buffer
    this.#groups = this.launches.map((l, i) => {
      const params = paramBytes(l.variant, l.params)
      bytes.set(params, SLOT * i)
      return bindGroup(l, { buffer, offset: SLOT * i, size: params.length })
    })
    gpu.queue.writeBuffer(buffer, 0, bytes)
    // Only outputs can be read afterwards: any other block's memory holds whatever its last tenant left there.
    const outputs = new Set(this.outputs.map(t => placed(t.storage)))
    for (const life of this.#lifetimes)
      if (!outputs.has(life.storage)) for (const { storage } of blocksIn(life.storage)) storage.buffer = undefined
  }

  /**
   * One line per launch; `@b+o` is the shared buffer a tensor lives in and its offset there, persistent tensors carry
   * none.
   */
  toString(): string {
    const home = new Map<Storage, string>()
    this.#homes.forEach(({ seats }, h) => {
      for (const { block, offset } of seats)
        for (const { storage, at } of blocksIn(this.#lifetimes[block]!.storage))
          home.set(storage, `@${h}+${offset + at}`)
    })
    const where = (t: Tensor) => home.get(t.storage) ?? ''
    return this.launches.map((l, i) => `${`${i}`.padStart(4)}  ${launchText(l, where)}`).join('\n')
  }
}
