/** The figure's half in the worker: a bird, shrunk evenly and sampled by attention, and the pixels that each spends. */
import type { AttendedPhoto } from '../../../src/tasn/explain.ts'
import type { Guess } from '../../../src/tasn/explanation.ts'
import type { Photo } from '../../../src/tasn/photo.ts'
import type { Handlers } from '../../browser/panel.ts'
import { testBird } from '../page/bird.ts'
import { bookModel } from '../page/model.ts'

/** Half the side of the square around the eye, in pixels of the image. */
const REACH = 12

export interface Options {
  /** A test bird, from 0 to 511. */
  readonly bird: number
  /** Pixels of both small images, each way. */
  readonly size: number
  /** Exponent of the structure map: how closely the sampler looks. The model was trained with 1. */
  readonly gamma: number
}

/** A rectangle of the image: left, top, width, height in its pixels. */
export type Box = readonly [x: number, y: number, width: number, height: number]

/** How many pixels of a small image show the bird, and the square around its eye. */
export interface Spent {
  readonly bird: number
  readonly eye: number
}

export interface Looked {
  readonly image: Photo
  readonly bird: Box
  readonly eye: Box
  readonly shrunk: Photo
  readonly sample: Photo
  /** The places at which the sample reads the image, in its pixels. */
  readonly rows: Float32Array
  readonly columns: Float32Array
  readonly spentShrunk: Spent
  readonly spentSample: Spent
  /** The three most probable species by the sample, and the species that was drawn. */
  readonly guesses: readonly Guess[]
  readonly truth: string
}

let shown: { index: number; drawn: ReturnType<typeof testBird>; attended: AttendedPhoto } | undefined

/** The bird as the attention net sees it. The last one is kept: other sizes and exponents need no more of the net. */
async function attended(index: number): Promise<NonNullable<typeof shown>> {
  const model = await bookModel()
  if (shown?.index === index) return shown
  const drawn = testBird(index)
  const next = model.attend(drawn.image)
  shown?.attended.destroy()
  shown = { index, drawn, attended: next }
  return shown
}

/** Pixels of the sample inside a box: its rows times its columns, because the grid is made of straight lines. */
function inside([left, top, width, height]: Box, rows: Float32Array, columns: Float32Array): number {
  const count = (positions: Float32Array, from: number, length: number): number =>
    positions.filter(p => p + 0.5 >= from && p + 0.5 < from + length).length
  return count(rows, top, height) * count(columns, left, width)
}

/** All that the figure shows. The device must be open. */
export async function look({ bird, size, gamma }: Options): Promise<Looked> {
  const model = await bookModel()
  const { drawn, attended: photo } = await attended(bird)
  const seen = await photo.explain({ gamma, classifierSize: [size, size] })
  const { x, y } = drawn.parts.find(({ name }) => name === 'eye')!
  const eye: Box = [x - REACH, y - REACH, 2 * REACH, 2 * REACH]
  const [rows, columns] = [seen.structure.rows.positions, seen.structure.columns.positions]
  const even = Float32Array.from({ length: size }, (_, o) => ((o + 0.5) * model.size) / size - 0.5)
  return {
    image: seen.image,
    bird: drawn.box,
    eye,
    shrunk: seen.shrunk,
    sample: seen.structure.sample,
    rows,
    columns,
    spentShrunk: { bird: inside(drawn.box, even, even), eye: inside(eye, even, even) },
    spentSample: { bird: inside(drawn.box, rows, columns), eye: inside(eye, rows, columns) },
    guesses: seen.guesses.slice(0, 3),
    truth: model.classes[drawn.label]!,
  }
}

export const handlers: Handlers = { look }
