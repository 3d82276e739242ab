/** Makes a run folder and a log out of a training's events. */

import { setTimeout as sleep } from 'node:timers/promises'
import { WriteError, writeText } from '../io/durable.ts'
import type { EpochEvent, StepEvent, TestEvent, TrainingEvent } from '../train/loop.ts'
import { saveAttention, saveModel } from '../train/save.ts'
import type { Training } from '../train/setup.ts'
import { isBest, keepCheckpoint } from './checkpoints.ts'
import { ATTENTION_FILE, MODEL_FILE, type RunFolder } from './folder.ts'
import { PREDICTIONS_FILE, predictionsText } from './predictions.ts'
import { type Progress, progress } from './progress.ts'
import { type Stop, Stopped } from './stop.ts'
import { answersOf, type Measured } from './summary.ts'
import { barTitle, divergingText, epochText, fullText, stepText, testTitle } from './text.ts'

export interface RecorderOptions {
  readonly print?: (line: string) => void
  readonly warn?: (line: string) => void
  /** Saves at least every so many minutes. Default 10. */
  readonly saveEvery?: number | undefined
  /** Checkpoints to keep beside the best. */
  readonly keep?: number | undefined
  readonly stop?: Pick<Stop, 'asked'>
}

/** Minutes between two checkpoints, unless --save-every says another number. */
export const SAVE_EVERY = 10
/** While the disk is full, the training goes on, and the next try is so many minutes later. */
const TRY_AGAIN = 0.5
/** The next save is of another epoch, so this one's network is gone. */
const BEST_LOST = 'this epoch was the best so far, and no checkpoint of it is kept'
/** Seconds that the end of a run waits for room on a full disk, and between two looks. */
const PATIENCE = 60
const LOOK_EVERY = 2

/** Takes the events one after the other, each before the loop goes on. */
export class Recorder {
  readonly #t: Training
  readonly #folder: RunFolder
  readonly #options: RecorderOptions
  readonly #print: (line: string) => void
  readonly #warn: (line: string) => void
  readonly #began = performance.now()
  /** Minutes after that at which the next checkpoint is due. */
  #due: number
  /** Seconds from the beginning to the last step. */
  #elapsed = 0
  #epochs = 0
  #images = 0
  readonly #times: number[] = []
  #bar: Progress | undefined
  #diverging = false
  /** The disk is full, and that was said: true where the run waits for room. */
  #full: boolean | undefined

  constructor(t: Training, folder: RunFolder, options: RecorderOptions = {}) {
    this.#t = t
    this.#folder = folder
    this.#options = options
    this.#print = options.print ?? (line => console.log(line))
    this.#warn = options.warn ?? (line => console.warn(`warning: ${line}`))
    this.#due = this.#saveEvery
  }

  get #saveEvery(): number {
    return this.#options.saveEvery ?? SAVE_EVERY
  }

  /** For the loop: true to settle here, for a checkpoint is due or the run is to stop. */
  readonly settle = (): boolean => this.#asked !== undefined || this.#seconds() / 60 >= this.#due

  /** @throws Stopped once a run that was asked to stop is saved; WriteError where that fails. */
  async take(event: TrainingEvent): Promise<void> {
    if (event.kind === 'step') this.#step(event)
    else if (event.kind === 'test') this.#test(event)
    else this.#epoch(event)
    const saved = (event.kind === 'epoch' || event.settled) && (await this.#save(event))
    if (event.kind === 'epoch') this.#print(epochText(event, this.#elapsed, this.#t))
    const asked = this.#asked
    if (asked && saved) throw new Stopped(asked)
  }

  /** Takes the bar away. */
  clearBar(): void {
    this.#bar?.stop()
    this.#bar = undefined
  }

  measured(): Measured {
    return { seconds: this.#seconds(), epochs: this.#epochs, images: this.#images, times: this.#times }
  }

  get #asked(): Stop['asked'] {
    return this.#options.stop?.asked
  }

  #seconds(): number {
    return (performance.now() - this.#began) / 1000
  }

  #step(event: StepEvent): void {
    const { epoch, step, rates, numbers, images, seconds, waited } = event
    const { stepsPerEpoch } = this.#t
    this.#elapsed = this.#seconds()
    this.#folder.metrics.log({
      kind: 'step',
      epoch: epoch + 1,
      step: epoch * stepsPerEpoch + step + 1,
      lr: rates,
      ...numbers,
      imagesPerSecond: speed(images, seconds),
      waited: Number(waited.toFixed(3)),
    })
    const diverging = this.#diverging ? undefined : divergingText(event, this.#t)
    if (diverging) {
      this.#diverging = true
      this.#warn(diverging)
    }
    this.#bar ??= progress(barTitle(event, this.#t), stepsPerEpoch)
    this.#bar.update(step + 1, stepText(event, this.#t))
    if (step + 1 === stepsPerEpoch) this.clearBar()
  }

  #test({ epoch, batches, of }: TestEvent): void {
    this.#bar ??= progress(testTitle(epoch, this.#t), of)
    this.#bar.update(batches, 'test batches')
  }

  #epoch({ epoch, means, images, seconds, waited, accuracies }: EpochEvent): void {
    this.clearBar()
    this.#epochs++
    this.#images += images
    if (epoch >= this.#t.attentionEpochs && images === this.#t.stepsPerEpoch * imagesOfStep(this.#t))
      this.#times.push(seconds)
    this.#folder.metrics.log({
      kind: 'epoch',
      epoch: epoch + 1,
      ...means,
      ...(images ? { imagesPerSecond: speed(images, seconds), waited: Number(waited.toFixed(3)) } : {}),
      ...Object.fromEntries(Object.entries(accuracies).map(([head, a]) => [`test_${head}`, a])),
      seconds: Number(this.#elapsed.toFixed(2)),
    })
  }

  /**
   * Saves; false if that was not possible. While the disk is full, a run that can go on without it does, and tries
   * again soon.
   */
  async #save(event: TrainingEvent): Promise<boolean> {
    const { epochs, attentionAfter } = this.#t.settings
    const ends = event.kind === 'epoch' && event.epoch === epochs - 1
    // The attention net's own epochs are over now, and never again.
    const once = event.kind === 'epoch' && event.epoch + 1 === this.#t.attentionEpochs && attentionAfter !== 'joint'
    for (const began = performance.now(); ; ) {
      try {
        if (once) await saveAttention(this.#t, this.#folder.path(ATTENTION_FILE))
        if (event.kind === 'epoch') await saveModel(this.#t, this.#folder.path(MODEL_FILE))
        if (ends) {
          await this.#folder.writeJson('answers.json', answersOf(event.tested!))
          await writeText(this.#folder.path(PREDICTIONS_FILE), predictionsText(event.tested!))
        }
        // Last: who finds it finds the others, too.
        await keepCheckpoint(this.#t, this.#folder, this.#options.keep)
        this.#due = this.#seconds() / 60 + this.#saveEvery
        if (this.#full !== undefined) this.#print('there is room on the disk again: the run is saved')
        this.#full = undefined
        return true
      } catch (error) {
        if (!(error instanceof WriteError && error.full)) throw error
        const must = ends || once || this.#asked !== undefined // the signal may have come meanwhile
        if (this.#full !== must) this.#warn(fullText(error, must))
        this.#full = must
        this.#due = this.#seconds() / 60 + Math.min(TRY_AGAIN, this.#saveEvery)
        if (!must && isBest(this.#t.done)) this.#warn(BEST_LOST)
        if (!must) return false
        if (performance.now() - began > 1000 * PATIENCE) throw error
        await sleep(1000 * LOOK_EVERY)
      }
    }
  }
}

const imagesOfStep = ({ settings: { batch, accumulate } }: Training): number => batch * accumulate
const speed = (images: number, seconds: number): number => Number((images / seconds).toFixed(2))
