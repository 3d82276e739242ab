/**
 * The answer to the bird that the page opens with, as Node recorded it (record.ts): it is shown until the page has
 * computed its own. What is shown of an explanation is packed here into a small JSON, and unpacked.
 */
import type { ExplainedAxis, ExplainedView, Photo } from '../../src/index.ts'
import type { Shown } from './look_view.ts'

/** Numbers as whole steps from the least to the greatest, in base64. A byte has 255 steps, two have 65,535. */
interface Packed {
  readonly low: number
  readonly high: number
  readonly steps: string
}
/** Bytes of red, green and blue, in base64. */
interface PackedPhoto {
  readonly width: number
  readonly height: number
  readonly rgb: string
}
/** The lists of an axis, in two bytes a number: positions keep to a hundredth of a pixel. */
type PackedAxis = Readonly<Record<keyof ExplainedAxis, Packed>>
interface PackedView {
  readonly shape: readonly number[]
  readonly map: Packed
  readonly rows: PackedAxis
  readonly columns: PackedAxis
  readonly sample: PackedPhoto
}
/** All but the image: the page draws it. */
export interface PackedLook extends Pick<Shown, 'guesses' | 'live'> {
  readonly shape: readonly number[]
  /** The map of each channel, in a byte a number: they are shown in as many colours. */
  readonly attention: readonly Packed[]
  readonly structure: PackedView
  readonly detail: PackedView & { readonly channel: number }
  readonly shrunk: PackedPhoto
}

const short = (v: number): number => Number(v.toPrecision(7))
const textOf = (bytes: Uint8Array): string => btoa(String.fromCharCode(...bytes))
const bytesOf = (text: string): Uint8Array<ArrayBuffer> => Uint8Array.from(atob(text), c => c.charCodeAt(0))

function pack(values: Float32Array, bytes: 1 | 2): Packed {
  const [low, high] = [Math.min(...values), Math.max(...values)]
  const most = 256 ** bytes - 1
  const steps = Array.from(values, v => Math.round(((v - low) / (high - low || 1)) * most))
  const packed = bytes === 1 ? Uint8Array.from(steps) : new Uint8Array(Uint16Array.from(steps).buffer)
  return { low: short(low), high: short(high), steps: textOf(packed) }
}

function unpack({ low, high, steps }: Packed, bytes: 1 | 2): Float32Array<ArrayBuffer> {
  const packed = bytesOf(steps)
  const numbers = bytes === 1 ? packed : new Uint16Array(packed.buffer)
  return Float32Array.from(numbers, k => low + ((high - low) * k) / (256 ** bytes - 1))
}

const packPhoto = ({ width, height, data }: Photo): PackedPhoto => ({
  width,
  height,
  rgb: textOf(Uint8Array.from(data).filter((_, i) => i % 4 !== 3)),
})

function unpackPhoto({ width, height, rgb }: PackedPhoto): Photo {
  const bytes = bytesOf(rgb)
  const at = (i: number): number => (i % 4 === 3 ? 255 : bytes[3 * (i >> 2) + (i % 4)]!)
  return { width, height, data: Uint8ClampedArray.from({ length: 4 * width * height }, (_, i) => at(i)) }
}

const packAxis = ({ marginal, density, integral, positions }: ExplainedAxis): PackedAxis => ({
  marginal: pack(marginal, 2),
  density: pack(density, 2),
  integral: pack(integral, 2),
  positions: pack(positions, 2),
})

const unpackAxis = ({ marginal, density, integral, positions }: PackedAxis): ExplainedAxis => ({
  marginal: unpack(marginal, 2),
  density: unpack(density, 2),
  integral: unpack(integral, 2),
  positions: unpack(positions, 2),
})

const packView = ({ map, rows, columns, sample }: ExplainedView): PackedView => ({
  shape: map.shape,
  map: pack(map.data, 1),
  rows: packAxis(rows),
  columns: packAxis(columns),
  sample: packPhoto(sample),
})

const unpackView = ({ shape, map, rows, columns, sample }: PackedView): ExplainedView => ({
  map: { shape, data: unpack(map, 1) },
  rows: unpackAxis(rows),
  columns: unpackAxis(columns),
  sample: unpackPhoto(sample),
})

export function packLook({ guesses, live, attention, structure, detail, shrunk }: Shown): PackedLook {
  const { shape, data } = attention
  const area = data.length / shape[0]!
  return {
    guesses: guesses.map(({ name, probability }) => ({ name, probability: short(probability) })),
    live,
    shape,
    attention: Array.from({ length: shape[0]! }, (_, c) => pack(data.subarray(c * area, (c + 1) * area), 1)),
    structure: packView(structure),
    detail: { ...packView(detail), channel: detail.channel },
    shrunk: packPhoto(shrunk),
  }
}

/** @param image the picture that the answer is about. */
export function unpackLook(packed: PackedLook, image: Photo): Shown {
  const { guesses, live, shape, attention, structure, detail, shrunk } = packed
  const data = new Float32Array(shape.reduce((n, k) => n * k, 1))
  attention.forEach((map, c) => {
    data.set(unpack(map, 1), (c * data.length) / attention.length)
  })
  return {
    guesses,
    image,
    live,
    attention: { shape, data },
    structure: unpackView(structure),
    detail: { ...unpackView(detail), channel: detail.channel },
    shrunk: unpackPhoto(shrunk),
  }
}
