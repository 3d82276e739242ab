/** The memory of a plan: its blocks, placed in buffers that they share. */
import { gpu, wait } from '../gpu/device.ts'
import { checkBytes, createBuffer, destroyBuffer } from './buffers.ts'
import type { Launch } from './launch.ts'
import { blocksIn, lifetimes, outermost, type StorageLifetime } from './lifetime.ts'
import { type Placement, place } from './placement.ts'
import type { Storage, Tensor } from './tensor.ts'

/** Bytes of a plan's own tensors: as placed, if nothing shared memory, and the most that is alive at any one launch. */
export interface MemoryBytes {
  readonly planned: number
  readonly unplanned: number
  readonly lowerBound: number
}

/** The GPU has not the memory for a plan: it wanted `wanted` bytes, and `got` could be had. */
export class OutOfMemory extends Error {
  override name = 'OutOfMemory'
  readonly got: number

  constructor(wanted: number, got: number) {
    super(
      `the plan needs ${(wanted / 2 ** 30).toFixed(2)} GiB, and the GPU gave no more than ` +
        `${(got / 2 ** 30).toFixed(2)} GiB: use a smaller batch or image`,
    )
    this.got = got
  }
}

/** A block with its buffer, by number, and its first byte there. */
interface Seated {
  readonly storage: Storage
  readonly home: number
  readonly offset: number
}

export class PlanMemory {
  readonly bytes: MemoryBytes
  /** For every launch, the bytes alive while it runs. */
  readonly alive: readonly number[]
  /** The largest block, and the first launch that uses it. */
  readonly largest: { readonly bytes: number; readonly launch: number }
  /** The number of its buffer for every block. */
  readonly homeOf: ReadonlyMap<Storage, number>
  readonly #homes: Placement['homes']
  readonly #seated: readonly Seated[]
  /** The blocks whose memory outlasts a run: those that a step returns. */
  readonly #kept: ReadonlySet<Storage>
  #buffers: GPUBuffer[] = []

  /** Places the blocks of these launches in buffers of at most `most` bytes. Allocates nothing. */
  constructor(outputs: readonly Tensor[], launches: readonly Launch[], most: number) {
    const lives: StorageLifetime[] = lifetimes(outputs, launches)
    const { homes, planned, unplanned, lowerBound, alive } = place(lives, launches.length, most)
    this.bytes = { planned, unplanned, lowerBound }
    this.alive = alive
    this.largest = lives.reduce((most, { bytes, first: launch }) => (bytes > most.bytes ? { bytes, launch } : most), {
      bytes: 0,
      launch: 0,
    })
    this.#homes = homes
    this.#seated = homes.flatMap(({ seats }, home) =>
      seats.flatMap(({ block, offset }) =>
        blocksIn(lives[block]!.storage).map(({ storage, at }) => ({ storage, home, offset: offset + at })),
      ),
    )
    this.homeOf = new Map(this.#seated.map(({ storage, home }) => [storage, home]))
    this.#kept = new Set(outputs.map(t => outermost(t.storage)))
  }

  /**
   * @param checkWanted is called after each buffer, and may throw.
   * @throws OutOfMemory, or what `checkWanted` throws, with nothing allocated.
   */
  async allocate(checkWanted = (): void => {}): Promise<void> {
    let got = 0
    const made: GPUBuffer[] = []
    const labelled = this.#homes.map(home => ({ ...home, label: `plan, shared by ${home.seats.length} tensor(s)` }))
    // All of them before the first is made: an error between push and pop would leave the error scope open.
    for (const { bytes, label } of labelled) checkBytes(bytes, label)
    try {
      for (const { bytes, label } of labelled) {
        gpu.pushErrorScope('out-of-memory')
        made.push(createBuffer(bytes, label))
        if (await wait(gpu.popErrorScope())) throw new OutOfMemory(this.bytes.planned, got)
        checkWanted()
        got += bytes
      }
    } catch (error) {
      for (const b of made) destroyBuffer(b)
      throw error
    }
    this.#buffers = made
  }

  /** Runs `bind` while every block knows its buffer. */
  whileSeated(bind: () => void): void {
    for (const { storage, home, offset } of this.#seated)
      Object.assign(storage, { buffer: this.#buffers[home], offset })
    try {
      bind()
    } finally {
      // Only outputs can be read afterwards: any other block's memory holds whatever its last tenant left there.
      for (const { storage } of this.#seated) if (!this.#kept.has(outermost(storage))) storage.buffer = undefined
    }
  }

  /** Gives all memory back. The outputs can be read no more. */
  destroy(): void {
    for (const b of this.#buffers) destroyBuffer(b)
    this.#buffers = []
    for (const { storage } of this.#seated) storage.buffer = undefined
  }

  /** The place of a block, `@b+o`: the number of the buffer and the offset there. Nothing of what is persistent. */
  text(s: Storage): string {
    if (s.stretchOf) {
      const [home, offset] = this.text(s.stretchOf.block).split('+') as [string, string]
      return `${home}+${Number(offset) + s.stretchOf.at}`
    }
    const seat = this.#seated.find(({ storage }) => storage === s)
    return seat ? `@${seat.home}+${seat.offset}` : ''
  }
}
