/** The panel Train's half in the worker: one training at a time. */
import { indicesOf } from '../../src/data/birds/index.ts'
import type { Plan } from '../../src/index.ts'
import { decodeCheckpoint } from '../../src/train/index.ts'
import { birdsOf } from './draw.ts'
import type { Emit, Handlers } from './panel.ts'
import { type Asked, type Run, readRun, runOf } from './run_config.ts'
import type { Ready, RunFiles, Standing } from './train_messages.ts'
import { birdsOfRun, Session } from './train_session.ts'

let session: Session | undefined

/** News from a training that is being prepared. */
export type Preparing = { readonly drawn: number; readonly of: number } | { readonly compiling: true }

/** The files of a run to go on with. */
export interface Upload {
  readonly checkpoint: Uint8Array<ArrayBuffer>
  readonly config: string
}

/** A step of the training, as it was compiled. */
export interface StepFacts {
  readonly title: string
  readonly launches: number
  readonly gflop: number
  readonly bytes: number
  /** Its speed in the latest steps; undefined where it has not run yet. */
  readonly seconds: number | undefined
  readonly kernels: readonly { readonly name: string; readonly count: number; readonly code: string }[]
}

function factsOf(title: string, plan: Plan, seconds: number | undefined): StepFacts {
  const kernels = new Map<string, { name: string; count: number; code: string }>()
  for (const { variant } of plan.launches) {
    const known = kernels.get(variant.key) ?? { name: variant.file, count: 0, code: variant.code }
    kernels.set(variant.key, { ...known, count: known.count + 1 })
  }
  return {
    title,
    launches: plan.launches.length,
    gflop: plan.flop / 1e9,
    bytes: plan.memory.planned,
    seconds,
    kernels: [...kernels.values()].sort((a, b) => b.count - a.count),
  }
}

function facts(): StepFacts[] {
  const { t, secondsOf } = current()
  const { alone, together } = t.phases
  const steps = { 'A step of the attention net alone': alone, 'A step of the classifier': together } as const
  return Object.entries(steps).flatMap(([title, phase]) =>
    phase?.step.plan ? factsOf(title, phase.step.plan, secondsOf[phase === alone ? 'alone' : 'together']) : [],
  )
}

async function prepare(run: Run, emit: Emit, upload?: Upload): Promise<Ready> {
  const checkpoint = upload && (await decodeCheckpoint(upload.checkpoint, 'the checkpoint'))
  let told = 0
  const birds = await birdsOf(indicesOf(birdsOfRun(run)), (drawn, of) => {
    if (drawn < of && performance.now() - told < 100) return
    told = performance.now()
    emit({ drawn, of } satisfies Preparing)
  })
  emit({ compiling: true } satisfies Preparing)
  const next = await Session.make(run, birds, checkpoint) // where that fails, the one before stays
  await session?.destroy()
  session = next
  return session.ready()
}

function current(): Session {
  if (!session) throw new Error('there is no training yet')
  return session
}

export const handlers: Handlers = {
  begin: (asked: Asked, emit): Promise<Ready> => prepare(runOf(asked), emit),
  goOn: (upload: Upload, emit): Promise<Ready> => prepare(readRun(upload.config), emit, upload),
  run: (how: { steps?: number; every: number }, emit): Promise<Standing> => current().run(emit, how),
  facts,
  pause: (): Promise<void> => current().pause(),
  files: (): Promise<RunFiles> => current().files(),
  reset: async (): Promise<void> => {
    await session?.destroy()
    session = undefined
  },
}
