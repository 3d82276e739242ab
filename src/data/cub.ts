/** Reads a data set in the layout of CUB_200_2011, joined by id, and says everything that is wrong with it at once. */
import { readFile, stat } from 'node:fs/promises'
import { isAbsolute, join, relative, resolve } from 'node:path'
import type { Dataset, Sample, Table, TableForm } from './dataset.ts'
import { DataError, evenly, parseTable, quote, throwIfAny } from './dataset.ts'

/** What to keep of a data set. */
export interface CubOptions {
  /** The first so many classes by id. */
  classes?: number
  /** At most so many training and so many test images, spread evenly over the classes. */
  limit?: number
}

const ID = '(\\d{1,15})'
const WORD = '(\\S+)'
const TEXT = '(\\S.*?)'
const table = (form: string, fields: string[], keys = 1): TableForm => ({
  form,
  pattern: new RegExp(`^\\s*${fields.join('\\s+')}\\s*$`),
  keys,
})
const REQUIRED = {
  'images.txt': table('<image id> <path>', [ID, TEXT]),
  'image_class_labels.txt': table('<image id> <class id>', [ID, ID]),
  'train_test_split.txt': table('<image id> <1 for train, 0 for test>', [ID, WORD]),
  'classes.txt': table('<class id> <name>', [ID, TEXT]),
}
const TABLES = {
  ...REQUIRED,
  'bounding_boxes.txt': table('<image id> <x> <y> <width> <height>', [ID, WORD, WORD, WORD, WORD]),
  'parts/parts.txt': table('<part id> <name>', [ID, TEXT]),
  'parts/part_locs.txt': table('<image id> <part id> <x> <y> <visible, 0 or 1>', [ID, ID, WORD, WORD, '([01])'], 2),
}
type Tables = Record<keyof typeof TABLES, Table>

/**
 * Reads the data set in `dir`: the folder that holds images.txt, or the one above it when that is called CUB_200_2011.
 *
 * Lines are joined by their ids and no folder is ever listed, so order, gaps, stray files and extra lines about images
 * that images.txt does not have do not matter. A class without any image is an error, because keeping it would give the
 * classifier an output that nothing trains and dropping it would renumber the labels unseen; one that has images on one
 * side of the split only is kept, with a warning. A class left without images by `limit` is kept, with a warning: the
 * user asked for it. Boxes and parts are optional, as files and for every image.
 *
 * @throws DataError listing all that is wrong, file and line each.
 */
export async function loadCub(dir: string, options: CubOptions = {}): Promise<Dataset> {
  const { classes: keep = Infinity, limit = Infinity } = options
  for (const [name, n] of Object.entries({ classes: keep, limit })) {
    if (n !== Infinity && !(Number.isInteger(n) && n > 0))
      throw new DataError(`${name} must be a whole number from 1, not ${n}`)
  }
  const root = await findRoot(resolve(dir))
  const problems: string[] = []
  const warnings: string[] = []
  const tables = await readTables(root, problems)
  const classes = [...tables['classes.txt'].values()].map(({ fields: [id, name] }) => ({ id: Number(id), name: name! }))
  classes.sort((a, b) => a.id - b.id)

  const { samples, training } = joinImages(join(root, 'images'), tables, classes, problems)
  addBoxes(samples, tables, problems)
  addParts(samples, tables, problems)
  await checkFiles(samples, tables['images.txt'], problems)

  const all = [...samples.values()].sort((a, b) => a.id - b.id)
  const kept = all.filter(s => s.label < keep)
  const train = kept.filter(s => training.has(s.id))
  const test = kept.filter(s => !training.has(s.id))
  // A bad line can leave a class or a split empty as well: then only the cause is worth reading.
  if (!problems.length) {
    checkClasses(classes, all, tables['classes.txt'], keep, problems)
    checkSplits(train, test, keep, problems)
  }
  throwIfAny(problems, `data set in ${root}`)

  classes.splice(keep)
  const trained = new Set(train.map(s => s.label))
  const tested = new Set(test.map(s => s.label))
  classes.forEach(({ id, name }, label) => {
    if (!trained.has(label))
      warnings.push(`class ${id} (${name}) has no training image: its test images can only be guessed`)
    if (!tested.has(label)) warnings.push(`class ${id} (${name}) has no test image`)
  })
  if (limit < classes.length)
    warnings.push(`limit ${limit} leaves some of the ${classes.length} classes without an image`)
  return { dir: root, classes, train: evenly(train, limit), test: evenly(test, limit), warnings }
}

/** What is at a path: undefined when nothing is. */
const look = (path: string) => stat(path).catch(() => undefined)

async function findRoot(dir: string): Promise<string> {
  const what = await look(dir)
  const inner = join(dir, 'CUB_200_2011')
  const remedy = 'give the folder that holds images.txt, or the one above it when that is called CUB_200_2011'
  if (!what) throw new DataError(`data folder ${dir} does not exist; ${remedy}`)
  if (!what.isDirectory()) throw new DataError(`${dir} is a file; if it is an archive, unpack it, then ${remedy}`)
  return !(await look(join(dir, 'images.txt'))) && (await look(inner))?.isDirectory() ? inner : dir
}

async function readTables(root: string, problems: string[]): Promise<Tables> {
  const missing: string[] = []
  const tables: Partial<Tables> = {}
  for (const [name, form] of Object.entries(TABLES) as [keyof Tables, TableForm][]) {
    const required = name in REQUIRED
    const text = await readFile(join(root, name), 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') missing.push(`${name} cannot be read (${error.message})`)
      else if (required) missing.push(`${name} is missing; expected lines "${form.form}"`)
      return undefined
    })
    tables[name] = parseTable(name, text ?? '', form, problems)
    if (required && text?.trim() === '') problems.push(`${name} is empty; expected lines "${form.form}"`)
  }
  const images = await look(join(root, 'images'))
  if (!images?.isDirectory()) missing.push('images/ is missing; the paths in images.txt start from it')
  // With a whole table gone nothing can be joined, and a line for every image would bury the cause.
  throwIfAny(
    [...missing, ...(missing.length ? problems : [])],
    `${root} is not a data set in the layout of CUB_200_2011`,
  )
  return tables as Tables
}

/** Joins images, labels, split and classes by id: samples by image id, and the ids that are for training. */
function joinImages(images: string, tables: Tables, classes: Dataset['classes'], problems: string[]) {
  const samples = new Map<number, Sample>()
  const training = new Set<number>()
  const labels = new Map(classes.map(({ id }, label) => [id, label]))
  for (const [
    id,
    {
      line,
      fields: [, path],
    },
  ] of tables['images.txt']) {
    const at = `images.txt:${line}: image ${id}`
    const file = resolve(images, path!)
    const named = tables['image_class_labels.txt'].get(id)
    const side = tables['train_test_split.txt'].get(id)
    const classId = named?.fields[1]
    const digit = side?.fields[1]
    const label = labels.get(Number(classId))

    // From one Windows drive to another the relative path is absolute.
    const inside = relative(images, file)
    const escapes = isAbsolute(inside) || /^(\.\.([/\\]|$)|$)/.test(inside)
    if (escapes)
      problems.push(`${at}: the path ${quote(path!)} does not stay inside images/; it must lead to a file there`)
    if (!named) problems.push(`${at} has no line in image_class_labels.txt; add "${id} <class id>" or remove the image`)
    else if (label === undefined) {
      problems.push(
        `image_class_labels.txt:${named.line}: image ${id} has class ${classId}, which classes.txt does not list; ` +
          'add the class there or correct the label',
      )
    }
    if (!side) problems.push(`${at} has no line in train_test_split.txt; add "${id} 1" (train) or "${id} 0" (test)`)
    else if (digit !== '0' && digit !== '1') {
      problems.push(
        `train_test_split.txt:${side.line}: expected 1 (train) or 0 (test) for image ${id}, found ${quote(digit!)}`,
      )
    }
    if (digit === '1') training.add(Number(id))
    if (!escapes) samples.set(Number(id), { id: Number(id), file, label: label ?? -1 })
  }
  return { samples, training }
}

function addBoxes(samples: Map<number, Sample>, tables: Tables, problems: string[]): void {
  for (const {
    line,
    fields: [id, ...found],
  } of tables['bounding_boxes.txt'].values()) {
    const box = found.map(Number) as [number, number, number, number]
    const sample = samples.get(Number(id))
    if (!box.every(Number.isFinite) || box[2] <= 0 || box[3] <= 0) {
      problems.push(
        `bounding_boxes.txt:${line}: expected finite numbers, width and height above 0, for image ${id}, ` +
          `found ${quote(found.join(' '))}; correct or remove the line`,
      )
    } else if (sample) sample.box = box
  }
}

function addParts(samples: Map<number, Sample>, tables: Tables, problems: string[]): void {
  const names = tables['parts/parts.txt']
  for (const { line, fields } of tables['parts/part_locs.txt'].values()) {
    const [image, id, x, y, visible] = fields.map(Number) as [number, number, number, number, number]
    const at = `parts/part_locs.txt:${line}:`
    const finite = Number.isFinite(x) && Number.isFinite(y)
    if (!finite) problems.push(`${at} expected finite numbers for x and y, found ${quote(`${fields[2]} ${fields[3]}`)}`)
    const named = !names.size || names.has(String(id))
    if (!named) problems.push(`${at} part ${id} is not in parts/parts.txt; add it or remove the line`)
    const sample = samples.get(image)
    if (!sample) continue
    sample.parts ??= []
    if (visible) sample.parts.push({ id, x, y })
  }
}

/** Every image listed must be a file with something in it. Whether that is an image shows only in decoding. */
async function checkFiles(samples: Map<number, Sample>, images: Table, problems: string[]): Promise<void> {
  const found = await Promise.all([...samples.values()].map(async s => ({ id: s.id, what: await look(s.file) })))
  for (const { id, what } of found) {
    const { line, fields } = images.get(String(id))!
    const fault = !what ? 'is not there' : !what.isFile() ? 'is not a file' : what.size === 0 && 'is empty (0 bytes)'
    if (fault)
      problems.push(`images.txt:${line}: images/${fields[1]} ${fault}; unpack the images again or remove the line`)
  }
}

function checkClasses(
  classes: Dataset['classes'],
  all: Sample[],
  lines: Table,
  keep: number,
  problems: string[],
): void {
  if (keep !== Infinity && keep > classes.length) {
    problems.push(`classes.txt: lists ${classes.length} classes, ${keep} were asked for`)
  }
  const used = new Set(all.map(s => s.label))
  classes.forEach(({ id, name }, label) => {
    if (used.has(label)) return
    const line = lines.get(String(id))!.line
    problems.push(`classes.txt:${line}: class ${id} (${name}) has no image; remove the line or add its images`)
  })
}

function checkSplits(train: Sample[], test: Sample[], keep: number, problems: string[]): void {
  const where = keep === Infinity ? '' : ` among the first ${keep} classes`
  for (const [side, digit, samples] of [
    ['training', 1, train],
    ['test', 0, test],
  ] as const) {
    if (samples.length) continue
    problems.push(
      `train_test_split.txt: no ${side} image${where} (a line "<image id> ${digit}"); both sides are needed`,
    )
  }
}
