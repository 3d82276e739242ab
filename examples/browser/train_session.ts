/** A training that can be started, paused and stepped, exactly: what it computes does not depend on when it paused. */
import { type BirdSet, BUILT_IN, type DrawnBird, inMemory } from '../../src/data/birds/index.ts'
import { forgetChoices } from '../../src/engine/tune/choices.ts'
import { choices, release, useChoices } from '../../src/index.ts'
import {
  type Checkpoint,
  encodeCheckpoint,
  encodeModel,
  everything,
  setUp,
  type Training,
  takeCheckpoint,
  train,
} from '../../src/train/index.ts'
import { configText, type Run } from './run_config.ts'
import type { Ready, RunFiles, SessionEvent, Standing } from './train_messages.ts'
import { Watched } from './watched.ts'

/** Steps over which the speed is averaged. */
const LATEST = 24

/** The data set of a run. */
export const birdsOfRun = ({ limit }: Run): BirdSet => ({ ...BUILT_IN, ...(limit === undefined ? {} : { limit }) })

export class Session {
  readonly t: Training
  readonly watched: Watched
  /** Seconds of a step, over the latest of them. */
  readonly secondsOf: { alone?: number; together?: number } = {}
  readonly #run: Required<Run>
  readonly #missing: number
  #stop = false
  #running: Promise<Standing> | undefined
  /** Ends when the files that are being made are done: they are of one step. */
  #saving: Promise<unknown> = Promise.resolve()

  private constructor(t: Training, watched: Watched, run: Required<Run>, missing: number) {
    this.t = t
    this.watched = watched
    this.#run = run
    this.#missing = missing
  }

  /**
   * Compiles the steps of a run on birds that are drawn, and goes on from a checkpoint where one is given.
   * @throws where a step does not fit the adapter, or the checkpoint is of another run.
   */
  static async make(run: Run, drawn: ReadonlyMap<number, DrawnBird>, checkpoint?: Checkpoint): Promise<Session> {
    const { dataset, pool } = inMemory(birdsOfRun(run), drawn)
    let t: Training | undefined
    if (run.kernels) forgetChoices()
    try {
      const missing = run.kernels ? useChoices(run.kernels) : []
      t = await setUp({ config: run.model, settings: run.training, dataset, seed: run.seed, pool })
      const kernels = choices()
      if (checkpoint) takeCheckpoint(t, checkpoint)
      return new Session(t, await Watched.of(t, pool), { ...run, kernels }, missing.length)
    } catch (error) {
      if (t) destroy(t)
      throw error
    } finally {
      if (run.kernels) forgetChoices() // what else is computed here is measured here
    }
  }

  async ready(): Promise<Ready> {
    const { dataset, settings, model, attentionEpochs, stepsPerEpoch, done } = this.t
    return {
      birds: this.watched.birds,
      training: dataset.train.length,
      test: dataset.test.length,
      parameters: [...model.parameters().values()].reduce((n, p) => n + p.size, 0),
      epochs: settings.epochs,
      attentionEpochs,
      stepsPerEpoch,
      missingKernels: this.#missing,
      done: { epochs: done.epochs, steps: done.steps, history: done.history },
      views: await this.watched.look(),
    }
  }

  /**
   * Trains for so many steps, or until pause() or the end. Nothing is in flight when it returns.
   * @param every looks at the watched birds after every so many steps; 0 never.
   */
  run(emit: (event: SessionEvent) => void, { steps = Infinity, every = 0 } = {}): Promise<Standing> {
    if (!this.#running) {
      this.#stop = false
      this.#running = this.#saving
        .then(() => this.#train(emit, steps, every))
        .finally(() => {
          this.#running = undefined
        })
    }
    return this.#running
  }

  /** Ends a run() after the step that is under way. */
  async pause(): Promise<void> {
    this.#stop = true
    await this.#running
  }

  async #train(emit: (event: SessionEvent) => void, steps: number, every: number): Promise<Standing> {
    const { t } = this
    let left = steps
    let times: number[] = []
    const look = async () => emit({ kind: 'views', views: await this.watched.look() })
    // A pause() may have come while files were being made.
    for await (const event of this.#stop ? [] : train(t, { settle: () => this.#stop || left <= 1 })) {
      if (event.kind === 'step') {
        const { epoch, step, numbers } = event
        times = [...times.slice(-LATEST), performance.now()]
        const each = (times.at(-1)! - times[0]!) / 1000 / (times.length - 1)
        const speed = each > 0 ? (t.settings.batch * t.settings.accumulate) / each : undefined
        if (speed !== undefined) this.secondsOf[epoch < t.attentionEpochs ? 'alone' : 'together'] = each
        emit({ kind: 'step', epoch, step, numbers, speed })
        left--
        if (every && (step + 1) % every === 0) await look()
      } else if (event.kind === 'test') {
        times = []
        emit({ kind: 'test', batches: event.batches, of: event.of })
      } else {
        emit({ kind: 'epoch', epoch: event.epoch, accuracies: event.accuracies })
        if (every) await look()
      }
      if ((event.kind === 'epoch' || event.settled) && (this.#stop || left <= 0)) break
    }
    const { epochs, steps: done } = t.done
    return { epochs, steps: done, finished: epochs >= t.settings.epochs }
  }

  /**
   * The files that `npm run train -- --resume` goes on with, and the model for recognition.
   * @throws where it is running: only between two steps it stands anywhere.
   */
  async files(): Promise<RunFiles> {
    if (this.#running) throw new Error('the training is running: pause() it first')
    const { dataset } = this.t
    const config = configText(
      this.#run,
      dataset.classes.map(c => c.name),
    )
    const files = encodeCheckpoint(this.t).then(async checkpoint => {
      return { checkpoint, config, model: (await encodeModel(this.t))! }
    })
    this.#saving = Promise.allSettled([this.#saving, files])
    return files
  }

  /** Gives all memory back. */
  async destroy(): Promise<void> {
    await this.pause()
    await this.#saving
    this.watched.destroy()
    destroy(this.t)
  }
}

/** Gives back the plans, the parameters, the optimiser's state and the inputs of a training. */
export function destroy(t: Training): void {
  for (const plan of t.plans) plan.destroy()
  for (const tensor of [...everything(t).values(), ...Object.values(t.inputs)]) release(tensor)
}
