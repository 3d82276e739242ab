/** The images of a run: the data set that its flags name, drawn first where it is the built-in one. */
import { builtInBirds } from '../data/birds/built_in.ts'
import { loadCub } from '../data/cub.ts'
import { type Dataset, heldOut } from '../data/dataset.ts'
import { defined } from './choice.ts'
import type { Flags } from './flags.ts'
import { type Progress, progress } from './progress.ts'

export async function datasetOf(flags: Flags): Promise<Dataset> {
  const { data, classes, limit } = flags
  const all = await loadCub(data ?? (await drawnBirds()), defined({ classes, limit }))
  return flags.heldOut ? heldOut(all) : all
}

/** The folder of the built-in birds; shows a bar while they are drawn. */
async function drawnBirds(): Promise<string> {
  let bar: Progress | undefined
  try {
    return await builtInBirds((done, total) => {
      bar ??= progress('drawing', total)
      bar.update(done, 'birds')
    })
  } finally {
    bar?.stop()
  }
}
