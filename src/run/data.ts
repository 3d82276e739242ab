/** The images of a run: the data set that its flags name, drawn first where it is the built-in one, and verified. */
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { builtInBirds } from '../data/birds/built_in.ts'
import type { Reading } from '../data/cub.ts'
import { type Dataset, type Fault, faultText, heldOut, without } from '../data/dataset.ts'
import { decode } from '../data/decode.ts'
import { ImageCache } from '../data/feed/image_cache.ts'
import { fingerprintDifferences, fingerprintOf } from '../data/fingerprint.ts'
import { counted, DataError, listed, throwIfAny } from '../data/problems.ts'
import { readData } from '../data/read.ts'
import { type Verdict, verify } from '../data/verify.ts'
import { switches } from '../gpu/switches.ts'
import { printableLines } from '../io/printable.ts'
import { defined } from './choice.ts'
import type { RunData } from './config.ts'
import type { Flags } from './flags.ts'
import { type Progress, progress } from './progress.ts'

/** Images below which a verification shows no bar. */
const BAR_FROM = 300
/** Faults that a message shows; --verify shows all. */
const SHOWN = 10

/**
 * The data set of a run. All of its images are decoded once, unless --no-verify: a damaged one is found before the
 * training and not in its middle. With --skip-damaged they always are.
 *
 * @param goesOn true where an earlier run decides about the data.
 * @param check looks at what the lists say, before anything is told of it or decoded.
 * @throws DataError with all that is wrong.
 */
export async function datasetOf(
  flags: Flags,
  goesOn = false,
  check: (listed: Dataset) => void = () => {},
): Promise<Dataset> {
  const { dataset, problems, faults } = await readFor(flags).catch((error: Error) => {
    throw goesOn ? new DataError(`${error.message}\nif the data have moved, --data says where they are now`) : error
  })
  check(dataset)
  throwIfAny(problems, `data set in ${dataset.dir}`)
  // Which images are left out decides what the data are: it must not depend on a flag of this start.
  const verdict = flags.verify === false && !flags.skipDamaged ? undefined : await verified(dataset, faults)
  const bad = [...faults, ...(verdict?.faults ?? [])]
  // Without them they would be other data.
  const ownRemedy = goesOn ? 'mend them: the run began with them' : undefined
  const kept = soundPart(dataset, bad, flags.skipDamaged, ownRemedy)
  if (verdict?.lostBoxes && flags.arm === 'true-box')
    throw new DataError(`--arm true-box needs boxes inside their images; ${verdict.warnings.find(isAboutBoxes)}`)
  const warnings = [...kept.warnings, ...(verdict?.warnings ?? [])]
  const all = { ...kept, warnings: warnings.map(printableLines) }
  return flags.heldOut ? heldOut(all) : all
}

/**
 * The data set without images that cannot be used.
 *
 * @param faults those images.
 * @param skip leave them out; a warning counts and lists them.
 * @throws DataError with the first of them, and a remedy, if they may not be left out.
 */
export function soundPart(
  dataset: Dataset,
  faults: readonly Fault[],
  skip = false,
  remedy = 'mend or remove them, or go on without them: --skip-damaged',
): Dataset {
  if (faults.length && !skip) throw new DataError(damagedText(dataset, faults, remedy))
  const kept = without(dataset, faults)
  return { ...kept, warnings: [...kept.warnings, ...skippedText(kept)] }
}

/**
 * Checks that a run that is resumed or repeated has the data that it began with.
 *
 * @param then the data that its config.json remembers; undefined for a new run.
 * @throws DataError saying what differs, and what to do.
 */
export function checkSameData({ resume, repeat }: Flags, then: RunData | undefined, now: Dataset): void {
  checkSameAs(resume === undefined ? `--repeat ${repeat}` : `--resume ${resume}`, then, now, 'start a new run')
}

/** The same for any program that takes up a run. @param said names the run. @param orElse another way out. */
export function checkSameAs(said: string, then: RunData | undefined, now: Dataset, orElse: string): void {
  const differences = then ? fingerprintDifferences(then.fingerprint, fingerprintOf(now)) : []
  if (!then || !differences.length) return
  throw new DataError(
    `${said}: the data in ${now.dir} are not those of that run, which were in ${then.dir}:${listed(differences)}\n` +
      `put them back, name the folder where they are now with --data, or ${orElse}`,
  )
}

/**
 * Verifies the data set that the flags name.
 * @returns a report that ends with what to do next, and whether a training with these flags would take the data.
 */
export async function verifyOnly(flags: Flags): Promise<{ report: string; sound: boolean }> {
  const { dataset, problems, faults } = await readFor(flags)
  const verdict = await verified(dataset, faults)
  const bad = [...faults, ...verdict.faults]
  const wrong = [...problems, ...bad.map(f => faultText(dataset.dir, f))]
  const warnings = [...dataset.warnings, ...verdict.warnings]
  const known = verdict.remembered ? ` (${verdict.remembered} known to be good from an earlier check)` : ''
  const { next, sound } = afterVerifying(dataset, problems, bad, flags.skipDamaged)
  const report = [
    `${dataset.dir}: ${counted(dataset.classes.length, 'class')}, ${dataset.train.length} training and ` +
      `${counted(dataset.test.length, 'test image')}${known}`,
    warnings.length ? `${counted(warnings.length, 'warning')}:${listed(warnings)}` : 'no warnings',
    wrong.length ? `${counted(wrong.length, 'problem')}:${listed(wrong)}` : 'no problems: all images can be read',
    next,
  ].join('\n')
  return { report: printableLines(report), sound }
}

/** The next thing to do after a verification. @param skip --skip-damaged stands beside --verify. */
function afterVerifying(dataset: Dataset, problems: readonly string[], faults: readonly Fault[], skip = false) {
  const no = (next: string) => ({ next, sound: false })
  if (problems.length) return no('mend these first: --skip-damaged leaves out images that cannot be used, no more')
  try {
    const { skipped = [], train, test } = without(dataset, faults)
    if (!faults.length) return { next: 'all is well: the same command without --verify trains', sound: true }
    if (!skip) return no('train without these images: the same command with --skip-damaged instead of --verify')
    const of = `${skipped.length} of ${counted(skipped.length + train.length + test.length, 'image')}`
    return { next: `${of} would be left out: the same command without --verify trains on the rest`, sound: true }
  } catch (error) {
    return no(`mend or replace them: ${(error as Error).message}`) // one side of the split would be empty
  }
}

const readFor = async ({ data, classes, limit }: Flags): Promise<Reading> =>
  readData(data ?? (await drawnBirds()), defined({ classes, limit }))

/** Decodes all images, with a bar where there are many. @param known faults: their images are passed over. */
export async function verified(dataset: Dataset, known: readonly Fault[] = []): Promise<Verdict> {
  const { upright = false } = dataset
  // The decoder has threads of its own; files must keep them busy.
  const workers = 2 * availableParallelism()
  const options = { decode: (file: string) => decode(file, { upright }), workers, cache: switches.cacheFolder, known }
  const images = dataset.train.length + dataset.test.length
  if (images <= BAR_FROM) return verify(dataset, options)
  return withBar('verifying', 'images', onProgress => verify(dataset, { ...options, onProgress }))
}

const isAboutBoxes = (warning: string) => warning.startsWith('bounding_boxes.txt')

function damagedText({ dir, train }: Dataset, faults: readonly Fault[], remedy: string): string {
  const lines = faults.slice(0, SHOWN).map(f => faultText(dir, f))
  // Folders of photographs have no training side, and no --verify.
  const rest = `${faults.length - SHOWN} more${train.length ? ', which npm run train -- --verify lists' : ''}`
  const more = faults.length > SHOWN ? `\n  … and ${rest}` : ''
  return `data set in ${dir}: ${counted(faults.length, 'problem')} with images${listed(lines)}${more}\n${remedy}`
}

/** The images that were left out, for the user. */
function skippedText({ dir, train, test, skipped = [] }: Dataset): string[] {
  if (!skipped.length) return []
  const of = skipped.length + train.length + test.length
  return [
    `going on without ${skipped.length} of ${counted(of, 'image')}:${listed(skipped.map(f => faultText(dir, f)))}`,
  ]
}

/**
 * The decoded images of earlier runs, and a place for those of this one. The built-in birds need none: they are small,
 * and stay in memory.
 */
export function imagesOf({ data }: Flags, warn: (message: string) => void): ImageCache | undefined {
  const cache = switches.cacheFolder
  return data === undefined || cache === undefined ? undefined : new ImageCache(join(cache, 'images'), { warn })
}

/** The folder of the built-in birds; shows a bar while they are drawn. */
const drawnBirds = (): Promise<string> => withBar('drawing', 'birds', builtInBirds)

/** Shows a bar while the work goes on, from its first step. */
async function withBar<T>(
  title: string,
  noun: string,
  work: (onProgress: (done: number, total: number) => void) => Promise<T>,
): Promise<T> {
  let bar: Progress | undefined
  try {
    return await work((done, total) => {
      bar ??= progress(title, total)
      bar.update(done, noun)
    })
  } finally {
    bar?.stop()
  }
}
