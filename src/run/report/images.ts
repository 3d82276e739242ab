/** Images as they are put into a page: small, and inside of it. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Dataset, heldOut, without } from '../../data/dataset.ts'
import { decode } from '../../data/decode.ts'
import { type Fingerprint, fingerprintDifferences, fingerprintOf } from '../../data/fingerprint.ts'
import { readData } from '../../data/read.ts'
import { loadSharp } from '../../data/sharp.ts'
import { defined } from '../choice.ts'
import { verified } from '../data.ts'
import type { Flags } from '../flags.ts'
import { COLUMNS } from '../pictures.ts'
import type { Prediction } from '../predictions.ts'
import { fieldOf, type RunRecord } from './record.ts'

/** Longest sides, in pixels: of a picture in the gallery, of a photograph among the mistakes. */
const GALLERY_SIDE = 192
const PHOTO_SIDE = 160
const QUALITY = 80

const dataUrl = (jpeg: Buffer): string => `data:image/jpeg;base64,${jpeg.toString('base64')}`
const fitting = (side: number) => ({ width: side, height: side, fit: 'inside', withoutEnlargement: true }) as const

/** A picture as the gallery shows it: the name of its column, and its bytes as a data: address. */
export interface Shown {
  readonly column: string
  readonly title: string
  readonly url: string
}

/** The pictures in a run's folder, image by image; those that are missing or damaged are left out. */
export async function galleryOf({ dir }: RunRecord): Promise<Shown[][]> {
  const pictures = join(dir, 'pictures')
  const names = existsSync(pictures) ? readdirSync(pictures) : []
  const numbers = [...new Set(names.flatMap(name => /^(\d\d)-/.exec(name)?.[1] ?? []))].sort()
  const sharp = await loadSharp()
  const rows = numbers.map(async number => {
    const row = Object.entries(COLUMNS).map(async ([column, title]): Promise<Shown[]> => {
      const file = join(pictures, `${number}-${column}.png`)
      if (!existsSync(file)) return []
      const small = sharp(readFileSync(file)).resize(fitting(GALLERY_SIDE)).jpeg({ quality: QUALITY }).toBuffer()
      return small.then(
        jpeg => [{ column, title, url: dataUrl(jpeg) }],
        () => [],
      )
    })
    return (await Promise.all(row)).flat()
  })
  return (await Promise.all(rows)).filter(row => row.length)
}

/** An image that was named wrongly, and its photograph where that can be read. */
export interface Mistake extends Prediction {
  readonly url: string | undefined
}

/** Mistakes that a page shows, at most. */
const MISTAKES = 24

/** The surest wrong answers, and a remark where images are not shown. */
export async function mistakesOf(run: RunRecord): Promise<{ mistakes: Mistake[]; remark: string | undefined }> {
  const wrong = (run.predictions ?? []).filter(p => p.answer !== p.label && p.answer >= 0)
  const chosen = wrong.toSorted((a, b) => b.confidence - a.confidence || a.id - b.id).slice(0, MISTAKES)
  if (!chosen.length) return { mistakes: [], remark: undefined }
  const data = await dataOf(run)
  const dataset = typeof data === 'string' ? undefined : data
  const files = new Map(dataset?.test.concat(dataset.train).map(s => [s.id, s.file]))
  const mistakes: Mistake[] = []
  // One after the other: photographs may be large.
  for (const p of chosen) mistakes.push({ ...p, url: await photoOf(files.get(p.id), dataset?.upright) })
  if (typeof data === 'string') return { mistakes, remark: data }
  const all = mistakes.every(m => m.url !== undefined)
  return { mistakes, remark: all ? undefined : `Some images are no longer in ${data.dir}, where the run read them.` }
}

/**
 * The data of a run as it took them, by its flags; a remark where they are gone, or are others by their fingerprint:
 * the numbers of images are then those of other photographs.
 */
async function dataOf({ config }: RunRecord): Promise<Dataset | string> {
  const dir = fieldOf(config, 'data', 'dir')
  if (typeof dir !== 'string') return 'The config.json does not say where the images are.'
  const { classes, limit, heldOut: held, skipDamaged } = (config.flags ?? {}) as Partial<Flags>
  try {
    const { dataset, faults } = await readData(dir, defined({ classes, limit }))
    const damaged = skipDamaged ? (await verified(dataset, faults)).faults : []
    const left = skipDamaged ? without(dataset, [...faults, ...damaged]) : dataset
    const now = held ? heldOut(left) : left
    const then = fieldOf(config, 'data', 'fingerprint') as Fingerprint
    if (!fingerprintDifferences(then, fingerprintOf(now)).length) return now
  } catch {
    return `The images are no longer in ${dir}, where the run read them.`
  }
  return `The images in ${dir} are no longer those of the run, so none is shown.`
}

async function photoOf(file: string | undefined, upright = false): Promise<string | undefined> {
  if (file === undefined) return undefined
  try {
    const { width, height, rgb } = await decode(file, { upright })
    const sharp = await loadSharp()
    const image = sharp(rgb, { raw: { width, height, channels: 3 } }).resize(fitting(PHOTO_SIDE))
    return dataUrl(await image.jpeg({ quality: QUALITY }).toBuffer())
  } catch {
    return undefined
  }
}
