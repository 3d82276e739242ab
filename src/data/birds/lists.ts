/** The text files of CUB_200_2011 for a set of drawn birds. */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Job } from './jobs.ts'
import type { Recipe } from './recipe.ts'
import { marks, species } from './species.ts'
import type { Done } from './threads.ts'

/** Writes the lists into `dir`. A job's image id is its place among the jobs, from 1. */
export async function writeLists(
  dir: string,
  { classes, train }: Recipe,
  jobs: readonly Job[],
  done: ReadonlyMap<number, Done>,
): Promise<void> {
  const lines = (lineOf: (job: Job, id: number) => string): string =>
    jobs.map((job, k) => `${lineOf(job, k + 1)}\n`).join('')
  const at = (index: number): Done => done.get(index)!
  const list = (names: readonly string[]): string => names.map((name, k) => `${k + 1} ${name}\n`).join('')
  await mkdir(join(dir, 'parts'))
  const files: Record<string, string> = {
    'images.txt': lines(({ file }, id) => `${id} ${file.slice('images/'.length)}`),
    'image_class_labels.txt': lines(({ index }, id) => `${id} ${(index % classes) + 1}`),
    'train_test_split.txt': lines(({ index }, id) => `${id} ${Number(index < train)}`),
    'bounding_boxes.txt': lines(
      ({ index }, id) =>
        `${id} ${at(index)
          .box.map(v => v.toFixed(1))
          .join(' ')}`,
    ),
    'classes.txt': list(species(classes).map(one => one.folder)),
    'parts/parts.txt': list(marks.map(mark => mark.name)),
    'parts/part_locs.txt': lines(({ index }, id) =>
      at(index)
        .parts.map(
          ({ x, y, visible }, part) =>
            `${id} ${part + 1} ${visible ? `${x.toFixed(1)} ${y.toFixed(1)} 1` : '0.0 0.0 0'}`,
        )
        .join('\n'),
    ),
  }
  for (const [name, text] of Object.entries(files)) await writeFile(join(dir, name), text)
}
