/** The panel Look's half in the worker: the model, the photo that it looks at, and what the GPU ran for it. */
import { watchLaunches } from '../../src/engine/launch.ts'
import { gpu } from '../../src/gpu/device.ts'
import { labelOf } from '../../src/gpu/kernel.ts'
import { startProfiling, stopProfiling } from '../../src/gpu/profile.ts'
import {
  type AttendedPhoto,
  Classifier,
  channelsOf,
  type ExplainOptions,
  type Explanation,
  loadSafetensors,
  type Photo,
  type TasnConfig,
} from '../../src/index.ts'
import type { Handlers } from './panel.ts'

/** A model that has been loaded. */
export interface Loaded {
  readonly classes: readonly string[]
  readonly config: TasnConfig
  /** Attention maps of an image. */
  readonly channels: number
}

/** An image from outside of the page, or bytes that were drawn in it. */
export type Source = Photo | Blob

/** A kernel of the way from photo to answer. */
export interface Ran {
  readonly label: string
  readonly launches: number
  readonly flop: number
  /** On the GPU, in milliseconds; 0 where its clock cannot be read. */
  readonly ms: number
  readonly wgsl: string
}

/** All launches for one photo, and the time from the first launch to the answer, in milliseconds. */
export interface Trace {
  readonly kernels: readonly Ran[]
  readonly ms: number
}

let classifier: Classifier | undefined
let attended: AttendedPhoto | undefined
let photo: Photo | undefined

/** Pixels of an image beyond which it is shrunk while it is decoded: canvases have limits. */
const MOST_PIXELS = 64e6

async function pixelsOf(source: Source): Promise<Photo> {
  if (!(source instanceof Blob)) return source
  const bitmap = await createImageBitmap(source).catch(() => {
    throw new Error('This is not an image that the browser can read. JPEG, PNG, WebP and AVIF are.')
  })
  const factor = Math.min(1, Math.sqrt(MOST_PIXELS / (bitmap.width * bitmap.height)))
  const [width, height] = [bitmap.width, bitmap.height].map(n => Math.max(1, Math.floor(n * factor))) as [
    number,
    number,
  ]
  const context = new OffscreenCanvas(width, height).getContext('2d')!
  context.fillStyle = '#fff' // behind transparent pictures
  context.fillRect(0, 0, width, height)
  context.drawImage(bitmap, 0, 0, width, height)
  bitmap.close()
  return context.getImageData(0, 0, width, height)
}

function loaded(): Classifier {
  if (!classifier) throw new Error('No model has been loaded yet.')
  return classifier
}

async function load(file: Blob): Promise<Loaded> {
  const next = new Classifier(await loadSafetensors(file))
  attended?.destroy()
  attended = undefined
  classifier?.destroy()
  classifier = next
  const { classes, config } = next
  return { classes, config, channels: channelsOf(config.attention.backbone) }
}

/** A photo that is new: the whole way. */
async function look({ source, options }: { source: Source; options: ExplainOptions }): Promise<Explanation> {
  const pixels = await pixelsOf(source)
  const next = loaded().attend(pixels)
  attended?.destroy()
  attended = next
  photo = pixels
  return next.explain(options)
}

/** The same photo with other options: the features are there. */
async function again(options: ExplainOptions): Promise<Explanation> {
  if (!attended) throw new Error('There is no picture yet.')
  return attended.explain(options)
}

const labels = new Map<string, { launches: number; flop: number; wgsl: string }>()

/** Runs the whole way once more, and writes down what is launched. */
async function once(options: ExplainOptions): Promise<number> {
  labels.clear()
  const stop = watchLaunches(l => {
    const label = labelOf(l.rung)
    const row = labels.get(label) ?? { launches: 0, flop: 0, wgsl: l.variant.code }
    labels.set(label, row)
    row.launches++
    row.flop += l.ladder.flop?.(l.params) ?? 0
  })
  const start = performance.now()
  let one: AttendedPhoto
  let answer: Promise<unknown>
  try {
    // Both launch before they wait: nobody else's launches come between.
    one = loaded().attend(photo!)
    answer = one.explain(options)
  } finally {
    stop()
  }
  await answer.finally(() => one.destroy())
  return performance.now() - start
}

async function trace(options: ExplainOptions): Promise<Trace> {
  if (!photo) throw new Error('There is no picture yet.')
  const times = []
  for (let k = 0; k < 5; k++) times.push(await once(options))
  let rows = new Map<string, { ns: number }>()
  if (gpu.features.has('timestamp-query')) {
    startProfiling()
    try {
      await once(options)
    } finally {
      rows = await stopProfiling()
    }
  }
  return {
    ms: times.sort((a, b) => a - b)[2]!,
    kernels: [...labels]
      .map(([label, row]) => ({ label, ...row, ms: (rows.get(label)?.ns ?? 0) / 1e6 }))
      .sort((a, b) => b.ms - a.ms || b.flop - a.flop),
  }
}

export const handlers: Handlers = { load, look, again, trace }
