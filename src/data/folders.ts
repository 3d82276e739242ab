/** Reads photographs in folders by class, without any list, as torchvision's ImageFolder does. */
import { lstat, readdir, realpath, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { isInside } from './cub/join.ts'
import { type CubOptions, oddities, type Reading } from './cub.ts'
import { type Dataset, evenly, type Fault, pathIn, type Sample } from './dataset.ts'
import { isPhoto } from './image_kinds.ts'
import { counted, DataError, hasControl, quote, someOf } from './problems.ts'

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
  const outer = await entriesOf(root)
  const dir = outer.folders.join() === 'images' && !outer.photos ? join(root, 'images') : root
  const inside = dir === root ? outer : await entriesOf(dir)
  const { folders } = inside
  const testing = folders.includes('train') ? FOR_TESTING.find(name => folders.includes(name)) : undefined
  const sides: Side[] = testing
    ? [
        { dir: join(dir, 'train'), training: true },
        { dir: join(dir, testing), training: false },
      ]
    : [{ dir, training: undefined }]
  const found = await Promise.all(sides.map(photographsOf))
  if (!found.some(f => f.photographs.length)) {
    if (!folders.some(name => /^train$/i.test(name))) return undefined
    throw new DataError(
      `${dir} has a folder for training, and it needs one for testing beside it: train/ and ${FOR_TESTING[0]}/ (or ` +
        `${FOR_TESTING.slice(1).join(', ')}), with a folder of photographs for each class in both`,
    )
  }

  const problems = found.flatMap(f => f.problems.map(p => `${nameIn(root, f.dir)}${p}`))
  for (const { dir: at, photos } of testing ? [{ dir, photos: inside.photos }, ...found] : found) {
    const beside = `${counted(photos, 'photograph')} beside the folders: put each into that of its class`
    if (photos) problems.push(at === root ? beside : `${nameIn(root, at)} has ${beside}`)
  }
  const names = [...new Set(found.flatMap(f => f.photographs.map(p => p.name)))].sort().slice(0, keep)
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
  const others = found.flatMap(f => f.others)
  if (others.length)
    warnings.push(`neither .jpg nor .png, so passed over: ${someOf(others.map(file => pathIn(root, file)))}`)
  const classes = names.map((name, i) => ({ id: i + 1, name }))
  if (!problems.length) warnings.push(...oddities(classes, train, test, limit))
  const kept = { train: evenly(train, limit), test: evenly(test, limit) }
  const dataset: Dataset = { dir: root, classes, ...kept, warnings, upright: true }
  return { dataset, problems, faults: await faultsOf(root, [...train, ...test]) }
}

/** The photographs below a folder of class folders, sorted. */
async function photographsOf({ dir, training }: Side) {
  const photographs: { name: string; file: string; training: boolean }[] = []
  const [problems, others]: [string[], string[]] = [[], []]
  const { folders, photos: beside } = await entriesOf(dir)
  for (const name of folders) {
    const files = (await readdir(join(dir, name))).filter(file => !file.startsWith('.')).sort()
    const photos = files.filter(isPhoto)
    others.push(...files.filter(file => !isPhoto(file)).map(file => join(dir, name, file)))
    if (hasControl(name)) problems.push(`${quote(name)} has control characters in its name: rename it`)
    if (!photos.length) problems.push(`${name}/ has no .jpg or .png in it: put photographs there, or remove the folder`)
    for (const [i, photo] of photos.entries())
      photographs.push({ name, file: join(dir, name, photo), training: training ?? i % EVERY !== TAKEN })
  }
  return { dir, photographs, photos: beside, problems, others }
}

const nameIn = (root: string, dir: string): string => (root === dir ? '' : `${pathIn(root, dir)}/`)

/** The folders in a folder, sorted, and the number of photographs beside them. */
async function entriesOf(dir: string): Promise<{ folders: string[]; photos: number }> {
  const names = (await readdir(dir).catch(() => [])).filter(name => !name.startsWith('.')).sort()
  const isFolder = await Promise.all(
    names.map(name =>
      stat(join(dir, name)).then(
        s => s.isDirectory(),
        () => false,
      ),
    ),
  )
  return {
    folders: names.filter((_, i) => isFolder[i]),
    photos: names.filter((n, i) => !isFolder[i] && isPhoto(n)).length,
  }
}

/** Files that are empty, or that lie elsewhere: who only has the folder did not choose those. */
async function faultsOf(root: string, samples: readonly Sample[]): Promise<Fault[]> {
  const home = await realpath(root)
  const reasonOf = async (file: string): Promise<string | undefined> => {
    const found = await lstat(file)
    if (found.isSymbolicLink() && !isInside(home, await realpath(file)))
      return 'is a link that leads out of the folder; put the file itself there, or remove it'
    return (await stat(file)).size === 0 ? 'is empty (0 bytes); copy it again, or remove it' : undefined
  }
  const reasons = await Promise.all(
    samples.map(({ file }) => reasonOf(file).catch((error: Error) => `cannot be read (${error.message})`)),
  )
  return samples.flatMap(({ id, file }, i) => (reasons[i] ? [{ id, file, reason: reasons[i]! }] : []))
}
