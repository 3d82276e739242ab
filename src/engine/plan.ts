/** Plan: a step written down once, its memory placed, and replayed. */

import { DeviceClosed, gpu } from '../gpu/device.ts'
import { paramBytes } from '../gpu/params.ts'
import { compile } from '../gpu/variant.ts'
import { mostBytes } from './buffers.ts'
import { launchText } from './debug.ts'
import { bindGroup, encode, flush, SLOT } from './encode.ts'
import { type Launch, rechosen } from './launch.ts'
import { type MemoryBytes, PlanMemory } from './plan_memory.ts'
import { writeDown } from './recording.ts'
import { movesSoFar } from './row.ts'
import type { Tensor } from './tensor.ts'
import { tune } from './tune/tune.ts'
import { withWritableBindings } from './writable_bindings.ts'

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
  /** Its blocks: how large, when alive, and where. */
  readonly placed: PlanMemory
  readonly #device = gpu
  /** The launches as they were recorded, on the rungs that were chosen then. */
  readonly #recorded: readonly Launch[]
  #launches: readonly Launch[] = []
  #params: GPUBuffer | undefined
  #groups: GPUBindGroup[] = []
  /** True from ready() to destroy(); #groups cannot tell, as a step may have no launches. */
  #ready = false
  /** ready(), under way or done. */
  #making: Promise<void> | undefined
  /** How often it was destroyed: ready() sees by it that its work is wanted no more. */
  #destroyed = 0
  /** movesSoFar() when #groups was made; a later move means bind again. */
  #moves = 0

  private constructor(outputs: Outputs, launches: Launch[], most: number) {
    this.outputs = outputs
    this.placed = new PlanMemory(outputs, launches, most)
    this.#recorded = launches
    this.#choose()
  }

  get launches(): readonly Launch[] {
    return this.#launches
  }

  get memory(): MemoryBytes {
    return this.placed.bytes
  }

  /** Multiplications and additions of a run, of the kernels that know them: convolutions and matrix products. */
  get flop(): number {
    return this.launches.reduce((sum, { ladder, params }) => sum + (ladder.flop?.(params) ?? 0), 0)
  }

  /**
   * Puts each launch on the rung that is chosen now and declares shared bindings writable; first at recording, again
   * after tuning. Rungs of a ladder bind the same tensors, so the placement stands.
   */
  #choose(): void {
    this.#launches = withWritableBindings(this.#recorded.map(rechosen), this.placed.homeOf)
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
   * follow. Calls at the same time share the work.
   * @throws OutOfMemory; and where the plan is destroyed, or its device closed, meanwhile.
   */
  async ready(): Promise<void> {
    this.#checkOpen()
    this.#making ??= this.#makeReady(this.#destroyed)
    const making = this.#making
    try {
      await making
    } catch (error) {
      if (this.#making === making) this.#making = undefined // it may be tried again
      this.#checkOpen() // without its device anything may fail
      throw error
    }
  }

  async #makeReady(destroyed: number): Promise<void> {
    const checkWanted = (): void => {
      this.#checkOpen()
      if (this.#destroyed !== destroyed)
        throw new Error('this plan was destroyed while it was made ready: use Plan.make() for another')
    }
    await tune(this.#recorded)
    checkWanted()
    this.#choose()
    await compile(this.launches.map(l => l.variant))
    checkWanted()
    await this.placed.allocate(checkWanted)
    checkWanted()
    this.#bind()
    this.#ready = true
  }

  /** Launches the whole step. Creates nothing; returns at once (read() an output to wait for it). */
  run(): Outputs {
    this.#checkOpen()
    if (!this.#ready) throw new Error('this plan was only recorded, or has been destroyed: use Plan.make()')
    flush()
    if (this.#moves !== movesSoFar()) this.#bind()
    this.launches.forEach((l, i) => {
      encode(l, l.variant.pipeline!, this.#groups[i]!)
    })
    flush()
    return this.outputs
  }

  /** @throws DeviceClosed if the device that this plan was made on is gone. */
  #checkOpen(): void {
    if (this.#device !== gpu) throw new DeviceClosed('this plan')
  }

  /** Gives all memory back. The outputs can be read no more. */
  destroy(): void {
    flush() // launches that use it may be waiting
    this.placed.destroy()
    this.#params?.destroy()
    this.#groups = []
    this.#ready = false
    this.#making = undefined
    this.#destroyed++
  }

  /** Makes the bind groups, and uploads all params in one uniform buffer, one slot a launch. */
  #bind(): void {
    const bytes = new Uint8Array(SLOT * this.launches.length)
    const usage = GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST
    const buffer = gpu.createBuffer({ label: 'plan params', size: bytes.length, usage })
    const before = this.#params
    this.#params = buffer
    this.placed.whileSeated(() => {
      this.#groups = this.launches.map((l, i) => {
        const params = paramBytes(l.variant, l.params)
        bytes.set(params, SLOT * i)
        return bindGroup(l, { buffer, offset: SLOT * i, size: params.length })
      })
    })
    this.#moves = movesSoFar() // only now is all bound
    gpu.queue.writeBuffer(buffer, 0, bytes)
    before?.destroy()
  }

  /**
   * One line per launch; `@b+o` is the shared buffer a tensor lives in and its offset there, persistent tensors carry
   * none.
   */
  toString(): string {
    const where = (t: Tensor) => this.placed.text(t.storage)
    return this.launches.map((l, i) => `${`${i}`.padStart(4)}  ${launchText(l, where)}`).join('\n')
  }
}
