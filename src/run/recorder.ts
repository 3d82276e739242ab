/** Makes a run folder and a log out of a training's events. */

import type { EpochEvent, StepEvent, TrainingEvent } from '../train/loop.ts'
import { saveAttention, saveCheckpoint, saveModel } from '../train/save.ts'
import type { Training } from '../train/setup.ts'
import { ATTENTION_FILE, CHECKPOINT_FILE, MODEL_FILE, type RunFolder } from './folder.ts'
import { type Progress, progress } from './progress.ts'
import { answersOf, type Measured } from './summary.ts'
import { barTitle, epochText, stepText } from './text.ts'

/** Takes the events one after the other, each before the loop goes on. */
export class Recorder {
  readonly #t: Training
  readonly #folder: RunFolder
  readonly #print: (line: string) => void
  readonly #began = performance.now()
  /** Seconds from there to the last step. */
  #elapsed = 0
  #epochs = 0
  #images = 0
  readonly #times: number[] = []
  #bar: Progress | undefined

  constructor(t: Training, folder: RunFolder, print: (line: string) => void = line => console.log(line)) {
    this.#t = t
    this.#folder = folder
    this.#print = print
  }

  async take(event: TrainingEvent): Promise<void> {
    if (event.kind === 'step') this.#step(event)
    else await this.#epoch(event)
  }

  /** Takes the bar away. */
  stop(): void {
    this.#bar?.stop()
    this.#bar = undefined
  }

  measured(): Measured {
    return { seconds: this.#seconds(), epochs: this.#epochs, images: this.#images, times: this.#times }
  }

  #seconds(): number {
    return (performance.now() - this.#began) / 1000
  }

  #step(event: StepEvent): void {
    const { epoch, step, rates, numbers, images, seconds } = event
    const { stepsPerEpoch } = this.#t
    this.#elapsed = this.#seconds()
    this.#folder.log({
      kind: 'step',
      epoch: epoch + 1,
      step: epoch * stepsPerEpoch + step + 1,
      lr: rates,
      ...numbers,
      imagesPerSecond: Number((images / seconds).toFixed(2)),
    })
    this.#bar ??= progress(barTitle(event, this.#t), stepsPerEpoch)
    this.#bar.update(step + 1, stepText(event, this.#t))
  }

  async #epoch(event: EpochEvent): Promise<void> {
    const { epoch, means, images, seconds, accuracies } = event
    this.stop()
    this.#epochs++
    this.#images += images
    if (epoch >= this.#t.attentionEpochs) this.#times.push(seconds)
    this.#folder.log({
      kind: 'epoch',
      epoch: epoch + 1,
      ...means,
      imagesPerSecond: Number((images / seconds).toFixed(2)),
      ...Object.fromEntries(Object.entries(accuracies).map(([head, a]) => [`test_${head}`, a])),
      seconds: Number(this.#elapsed.toFixed(2)),
    })
    await saveEpoch(this.#t, this.#folder, event)
    this.#print(epochText(event, this.#elapsed, this.#t))
  }
}

/** Writes the files of an epoch, the checkpoint last: who finds it finds the others, too. */
async function saveEpoch(t: Training, folder: RunFolder, { epoch, tested }: EpochEvent): Promise<void> {
  const { attentionAfter, epochs } = t.settings
  if (epoch + 1 === t.attentionEpochs && attentionAfter !== 'joint') await saveAttention(t, folder.path(ATTENTION_FILE))
  await saveModel(t, folder.path(MODEL_FILE))
  if (epoch === epochs - 1) folder.writeJson('answers.json', answersOf(tested!))
  await saveCheckpoint(t, folder.path(CHECKPOINT_FILE))
}
