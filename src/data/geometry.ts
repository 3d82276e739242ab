/** Checks that boxes and parts lie inside their images. */
import { pathIn, type Sample } from './dataset.ts'
import { counted, someOf } from './problems.ts'

interface Seen {
  width: number
  height: number
  warnings: readonly string[]
}

/** Pixels that a box or a part may reach beyond its image: lists are rounded. */
const SLACK = 1.5

/** Warnings about boxes and parts outside their images, and the number of boxes that lie wholly outside. */
export function checkGeometry(
  dir: string,
  samples: readonly Sample[],
  sizes: ReadonlyMap<string, Seen>,
): { warnings: string[]; lost: number } {
  const lost: string[] = []
  const beyond: string[] = []
  const strayed: string[] = []
  let turned = 0
  for (const { file, box, parts = [] } of samples) {
    const { width, height, warnings } = sizes.get(file)!
    const of = `of ${pathIn(dir, file)}, ${width} × ${height} pixels`
    const place = box && placeOf(box, width, height)
    if (place === 'outside') lost.push(`${box!.join(' ')} ${of}`)
    if (place === 'beyond') beyond.push(`${box!.join(' ')} ${of}`)
    const stray = parts.find(p => p.x < -SLACK || p.y < -SLACK || p.x > width + SLACK || p.y > height + SLACK)
    if (stray) strayed.push(`part ${stray.id} at ${stray.x} ${stray.y} ${of}`)
    if ((stray || (place && place !== 'inside')) && warnings.some(w => w.includes('EXIF'))) turned++
  }
  const boxes = counted(samples.filter(s => s.box).length, 'box')
  const warnings: string[] = []
  if (lost.length)
    warnings.push(
      `bounding_boxes.txt: ${lost.length} of ${boxes} lie wholly outside their images (${someOf(lost)}); if the ` +
        'images were resized, scale the boxes with them, or remove the file: all figures about the box are wrong',
    )
  if (beyond.length)
    warnings.push(
      `bounding_boxes.txt: ${beyond.length} of ${boxes} reach beyond their images (${someOf(beyond)}); only what is ` +
        'inside counts',
    )
  if (strayed.length)
    warnings.push(
      `parts/part_locs.txt: parts of ${counted(strayed.length, 'image')} lie outside (${someOf(strayed)}); correct ` +
        'them, or mark them as not visible',
    )
  if (turned)
    warnings.push(
      `${counted(turned, 'image')} of these have an EXIF orientation: boxes and parts must count the pixels as stored`,
    )
  return { warnings, lost: lost.length }
}

function placeOf([x, y, w, h]: NonNullable<Sample['box']>, width: number, height: number) {
  if (x + w <= 0 || y + h <= 0 || x >= width || y >= height) return 'outside'
  const over = Math.max(-x, -y, x + w - width, y + h - height)
  return over > SLACK ? 'beyond' : 'inside'
}
