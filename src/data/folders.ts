/** Reads photographs in folders by class, without any list, as torchvision's ImageFolder does. */
import { join } from 'node:path'
import { type CubOptions, oddities, type Reading } from './cub.ts'
import { type Dataset, evenly, pathIn, type Sample } from './dataset.ts'
import { besideText, type ClassFolder, classFolder, faultsOf, inside, passedOver } from './photographs.ts'
import { counted, DataError, someOf } from './problems.ts'

/** Names of the folder for testing, beside `train`. The first that is there is taken. */
const FOR_TESTING = ['test', 'val', 'valid', 'validation']
/** The third of every five photographs of a class, by name, tests the model: a class of three has one. */
const [EVERY, TAKEN] = [5, 2]

/** A folder of class folders, and the side of its photographs; undefined where they are still to be split. */
interface Side {
  readonly dir: string
  readonly training: boolean | undefined
}

/**
 * Reads the photographs in `root`, or in its only folder if that is `images/`, in one of two forms:
 *
 *     DIR/train/<class>/*.jpg and DIR/test/<class>/*.jpg    `val`, `valid` and `validation` will do, too
 *     DIR/<class>/*.jpg                                     the third of every five, by name, tests
 *
 * Classes, and then photographs, are sorted by name, and ids count them from 1. Names that begin with a dot are passed
 * over. No file is opened yet. Photographs are turned upright, as no boxes and parts count their pixels as stored.
 *
 * @returns undefined where no folder in it has a photograph.
 * @throws DataError where there is a train/ and nothing to test by.
 */
export async function readFolders(root: string, options: CubOptions = {}): Promise<Reading | undefined> {
  const { classes: keep = Infinity, limit = Infinity } = options
  const outer = await inside(root)
  const dir = outer.folders.join() === 'images' && !outer.photos.length ? join(root, 'images') : root
  const { folders, photos } = dir === root ? outer : await inside(dir)
  const testing = folders.includes('train') ? FOR_TESTING.find(name => folders.includes(name)) : undefined
  const sides: Side[] = testing
    ? [
        { dir: join(dir, 'train'), training: true },
        { dir: join(dir, testing), training: false },
      ]
    : [{ dir, training: undefined }]
  const found = await Promise.all(sides.map(side => photographsOf(root, side)))
  if (!found.some(f => f.photographs.length)) {
    if (!folders.some(name => /^train$/i.test(name))) return undefined
    throw new DataError(
      `${dir} has a folder for training, and it needs one for testing beside it: train/ and ${FOR_TESTING[0]}/ (or ` +
        `${FOR_TESTING.slice(1).join(', ')}), with a folder of photographs for each class in both`,
    )
  }

  const names = [...new Set(found.flatMap(f => f.photographs.map(p => p.name)))].sort().slice(0, keep)
  // Of the folders in front of the last class that is kept, each would have been one.
  const isKept = ({ name }: ClassFolder) => keep === Infinity || names.length < keep || name <= names.at(-1)!
  const kept = found.flatMap(f => f.classes).filter(isKept)
  const problems = kept.flatMap(c => c.problem ?? [])
  for (const { dir: at, beside } of testing ? [{ dir, beside: photos.length }, ...found] : found)
    if (beside) problems.push(`${at === root ? '' : `${pathIn(root, at)}/ has `}${besideText(beside)}`)
  if (keep !== Infinity && names.length < keep)
    problems.push(`${counted(names.length, 'class')} found, ${keep} were asked for`)
  else if (names.length < 2)
    problems.push(`${counted(names.length, 'class')} found, at least 2 are needed: a folder of photographs for each`)
  const [train, test]: [Sample[], Sample[]] = [[], []]
  let id = 0
  for (const { photographs } of found)
    for (const { name, file, training } of photographs) {
      id++ // of every photograph: the same ones with fewer classes
      const label = names.indexOf(name)
      if (label >= 0) (training ? train : test).push({ id, file, label })
    }
  for (const [side, samples] of Object.entries({ training: train, test }))
    if (!samples.length) problems.push(`no ${side} photograph: both sides are needed`)

  const unused = folders.filter(name => name !== 'train' && name !== testing)
  const warnings = testing
    ? [`${testing}/ tests the model${unused.length ? `; passed over: ${someOf(unused)}` : ''}`]
    : ['there are no lists: classes are the folders, and the third of every five photographs, by name, tests the model']
  warnings.push(...passedOver(root, kept))
  const classes = names.map((name, i) => ({ id: i + 1, name }))
  if (!problems.length) warnings.push(...oddities(classes, train, test, limit))
  const used = { train: evenly(train, limit), test: evenly(test, limit) }
  const dataset: Dataset = { dir: root, classes, ...used, warnings, upright: true }
  const homes = [root, ...found.map(f => f.dir)]
  return { dataset, problems, faults: await faultsOf(homes, [...used.train, ...used.test]) }
}

/** The photographs in the class folders of a side, sorted. */
async function photographsOf(root: string, { dir, training }: Side) {
  const { folders, photos } = await inside(dir)
  const classes = await Promise.all(folders.map(name => classFolder(root, join(dir, name))))
  const photographs = classes.flatMap(({ name, photos }) =>
    photos.map((file, i) => ({ name, file, training: training ?? i % EVERY !== TAKEN })),
  )
  return { dir, classes, photographs, beside: photos.length }
}
