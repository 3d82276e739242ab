/** The end of a run: its pictures, figures and report, and the words about them. Cut off, --resume does it again. */
import { adapterInfo } from '../gpu/device.ts'
import { profileSoFar } from '../gpu/profile.ts'
import { writeText } from '../io/durable.ts'
import { Tasn } from '../tasn/network.ts'
import type { Training } from '../train/setup.ts'
import { reportCommand } from './commands.ts'
import { type RunFolder, SUMMARY_FILE } from './folder.ts'
import { PLAN_FILE, PROFILE_FILE, planText, profileRows } from './measured.ts'
import { savePictures } from './pictures.ts'
import { writeReport } from './report/report.ts'
import { type Measured, summaryOf } from './summary.ts'
import { endText, filesText } from './text.ts'

/**
 * Draws the pictures, writes what was measured and the report, and last the summary. Returns the lines to print; none
 * where all is there already. A report that cannot be written is a warning: it can be made again at any time.
 * @throws naming the file that cannot be written.
 */
export async function endRun(
  t: Training,
  folder: RunFolder,
  measured: Measured,
  warn: (line: string) => void,
): Promise<string[]> {
  if (folder.has(SUMMARY_FILE)) return []
  const pictures = folder.path('pictures')
  const picture =
    t.model instanceof Tasn
      ? await savePictures(t.model, t.loaders.test, pictures, { seed: t.seed }).catch((error: Error) => {
          throw new Error(`the pictures cannot be written into ${pictures}: ${error.message}`)
        })
      : undefined
  const summary = await summaryOf(t, measured)
  const { plan } = t.phases.together.step
  if (plan) await writeText(folder.path(PLAN_FILE), planText(plan, t.settings.batch))
  const profile = await profileSoFar()
  if (profile) await folder.writeJson(PROFILE_FILE, profileRows(profile))
  const report = await writeReport(folder.dir, { ended: summary }).catch((error: Error) => {
    warn(`there is no report: ${error.message}; once that is mended, ${reportCommand(folder.dir)} makes it`)
    return undefined
  })
  await folder.writeJson(SUMMARY_FILE, { ...summary, adapter: adapterInfo })
  return [`\n${endText(summary, t)}\n`, filesText(folder, picture, report)]
}
