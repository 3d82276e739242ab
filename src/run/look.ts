/** The picture of how a trained model looked at a photograph: the image, its attention, the structure sample. */
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Explanation } from '../tasn/explanation.ts'
import type { Photo } from '../tasn/photo.ts'
import { enlarged, heat, type Picture, pictureOf, pngOf, sideBySide, stacked } from './picture.ts'
import { COLUMNS } from './pictures.ts'
import { titleStrip } from './titles.ts'

/** Columns have at least so many pixels each way: less has no room for a title. */
const LEAST_SIDE = 192

/**
 * The middle square of the photograph that the model looked at, the mean attention map over it, and the sample that the
 * classifier saw, each a square under its title.
 */
export function lookPicture({ image, structure }: Pick<Explanation, 'image' | 'structure'>): Picture {
  const side = Math.max(LEAST_SIDE, image.height)
  const square = (p: Photo) => enlarged(pictureOf(p), side, side)
  const [h, w] = structure.map.shape as [number, number]
  const whole = square(image)
  const columns = [whole, heat(whole, structure.map.data, h, w), square(structure.sample)]
  const titles = [COLUMNS.image, COLUMNS.attention, COLUMNS.structure]
  return stacked([titleStrip(titles, side), sideBySide(columns)])
}

/**
 * Writes a picture as `name.png` into a folder, which is made. No file is ever written over: a name that another file
 * has gets a number, and where that file is this very picture, it stays.
 * @returns the path of the file.
 * @throws where the folder cannot be made or written.
 */
export async function keepPicture(dir: string, name: string, picture: Picture): Promise<string> {
  const png = pngOf(picture)
  try {
    await mkdir(dir, { recursive: true })
    for (let n = 1; ; n++) {
      const file = join(dir, `${name}${n > 1 ? `-${n}` : ''}.png`)
      const isNew = await writeFile(file, png, { flag: 'wx' }).then(
        () => true,
        (error: NodeJS.ErrnoException) => {
          if (error.code !== 'EEXIST') throw error
          return false
        },
      )
      if (isNew || (await readFile(file).catch(() => undefined))?.equals(png)) return file
    }
  } catch (error) {
    throw new Error(`no picture can be written into ${dir} (${(error as Error).message}): name a folder with --out`)
  }
}
