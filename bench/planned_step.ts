/** A preset's training step as planned and not run: its work, and the memory that it takes. */
import type { Launch } from '../src/engine/launch.ts'
import { Plan } from '../src/engine/plan.ts'
import type { MemoryBytes } from '../src/engine/plan_memory.ts'
import type { Storage, Tensor } from '../src/engine/tensor.ts'
import { release } from '../src/engine/transfer.ts'
import { variant } from '../src/gpu/variant.ts'
import type { PresetName } from '../src/train/presets.ts'
import { presetStep } from './preset_step.ts'

export interface PlannedRow extends MemoryBytes {
  readonly preset: PresetName
  readonly batch: number
  readonly launches: number
  /** Convolutions and matrix products alone: other kernels do not count theirs. */
  readonly flop: number
  /** The plan's largest tensor, and the first launch that writes into it. */
  readonly largest: { readonly bytes: number; readonly shape: readonly number[]; readonly file: string }
  /** Bytes of weights, running statistics, optimiser state, summed gradients and inputs. */
  readonly persistent: number
  /** To record the step and to place its memory. */
  readonly seconds: number
}

export interface PlannedStep {
  readonly row: PlannedRow
  readonly plan: Plan
}

/** CUB-200-2011's; the tiny preset is for the built-in birds. */
const classesOf = (preset: PresetName): number => (preset === 'tiny' ? 16 : 200)

/** A row counts as the tensors in it. */
const bytesOf = (tensors: Iterable<Tensor>): number =>
  [...new Set<Storage>([...tensors].flatMap(t => t.storage.parts ?? [t]).map(t => t.storage))].reduce(
    (sum, { bytes }) => sum + bytes,
    0,
  )

/**
 * The tensors that a launch writes, without those that last. By the shader's own bindings: those of a plan may be
 * declared writable where they are only read.
 */
export const written = ({ rung, params, tensors }: Launch): Tensor[] =>
  variant(rung, params)
    .info.bindings.filter(b => b.access === 'read_write')
    .map(b => tensors[b.name]!)
    .filter(t => !t.storage.persistent)

/** Records the training step of a preset at a batch, as a training makes it. */
export function plannedStep(preset: PresetName, batch: number): PlannedStep {
  const { step, kept } = presetStep(preset, { batch, classes: classesOf(preset), accumulating: true })
  const start = performance.now()
  const plan = Plan.record(step, { most: Infinity })
  const seconds = (performance.now() - start) / 1000
  const made = plan.launches.flatMap(l =>
    written(l).map(t => ({ bytes: t.storage.bytes, shape: t.shape, file: l.rung.file })),
  )
  const used = plan.launches.flatMap(l => Object.values(l.tensors).filter(t => t.storage.persistent))
  const row: PlannedRow = {
    preset,
    batch,
    launches: plan.launches.length,
    ...plan.memory,
    seconds,
    flop: plan.flop,
    largest: made.reduce((a, b) => (b.bytes > a.bytes ? b : a)),
    persistent: bytesOf([...kept, ...used]),
  }
  for (const t of kept) release(t)
  return { row, plan }
}
