/** The end of a run: its pictures, its summary, and the words about them. Cut off, it is done again by --resume. */
import { adapterInfo } from '../gpu/device.ts'
import { Tasn } from '../tasn/network.ts'
import type { Training } from '../train/setup.ts'
import { type RunFolder, SUMMARY_FILE } from './folder.ts'
import { savePictures } from './pictures.ts'
import { type Measured, summaryOf } from './summary.ts'
import { endText, filesText } from './text.ts'

/**
 * Draws the pictures, then writes the summary. Returns the lines to print; none where all is there already.
 * @throws naming the file that cannot be written.
 */
export async function endRun(t: Training, folder: RunFolder, measured: Measured): Promise<string[]> {
  if (folder.has(SUMMARY_FILE)) return []
  const pictures = folder.path('pictures')
  const picture =
    t.model instanceof Tasn
      ? await savePictures(t.model, t.loaders.test, pictures, { seed: t.seed }).catch((error: Error) => {
          throw new Error(`the pictures cannot be written into ${pictures}: ${error.message}`)
        })
      : undefined
  const summary = await summaryOf(t, measured)
  await folder.writeJson(SUMMARY_FILE, { ...summary, adapter: adapterInfo })
  return [`\n${endText(summary, t)}\n`, filesText(folder, picture)]
}
