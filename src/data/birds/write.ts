/** Writes the built-in birds as a data set in CUB_200_2011's layout, on all processor cores, all or nothing. */
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { basename, dirname, join, resolve } from 'node:path'
import { Worker } from 'node:worker_threads'
import { contactSheet } from './contact.ts'
import { type BirdOptions, defaults, type Picture } from './draw.ts'
import { marks, species } from './species.ts'

export interface WriteOptions extends Partial<BirdOptions> {
  seed: number
  /** Pictures for training and for testing; multiples of `classes` give every species the same number. */
  train: number
  test: number
  /** Side of the small pictures on the contact sheet: the classifier's input size. */
  small?: number
  onProgress?: (done: number, total: number) => void
}

/** What birds.json holds: the options that made the pictures, and the version of the drawing code. */
export type BirdsJson = Required<Omit<WriteOptions, 'onProgress'>> & { version: number }

/** Raised whenever the same options would draw other pictures than before. */
const VERSION = 3

/** A picture to be written: `file` below the data set's folder. */
export interface Job {
  index: number
  file: string
}
export interface Order {
  dir: string
  seed: number
  options: BirdOptions
  jobs: Job[]
}
/** What a worker tells about a picture once it is written. */
export interface Done extends Pick<Picture, 'box' | 'parts'> {
  index: number
}

/** The options in full, as birds.json holds them. */
export function describe({ onProgress, ...options }: WriteOptions): BirdsJson {
  return { version: VERSION, small: 32, ...defaults, ...options }
}

/** Whether a folder holds the data set that these options make. */
export async function matches(dir: string, options: WriteOptions): Promise<boolean> {
  const text = await readFile(join(dir, 'birds.json'), 'utf8').catch(() => undefined)
  return text === json(describe(options))
}

const json = (value: BirdsJson): string =>
  `${JSON.stringify(Object.fromEntries(Object.entries(value).sort()), null, 2)}\n`

/**
 * Writes the data set into `dir`, which it replaces if it holds one already. Everything is written next to it first and
 * moved into place at the end, so that an interrupted run leaves no half data set.
 */
export async function writeBirds(dir: string, options: WriteOptions): Promise<void> {
  const all = describe(options)
  const { train, test, classes } = all
  for (const [name, n] of Object.entries({ train, test })) {
    if (!(Number.isInteger(n) && n >= classes))
      throw new Error(`${name} must be a whole number from ${classes}, not ${n}`)
  }
  const target = resolve(dir)
  const half = `${target}.half-${process.pid}`
  const exists = await readFile(join(target, 'images.txt')).then(
    () => true,
    () => false,
  )
  if (
    exists &&
    !(await readFile(join(target, 'birds.json')).then(
      () => true,
      () => false,
    ))
  ) {
    throw new Error(`${target} holds a data set that is not the built-in birds; choose another folder`)
  }
  await removeAbandoned(target)
  try {
    await mkdir(half, { recursive: true })
    const kinds = species(classes)
    for (const { folder } of kinds) await mkdir(join(half, 'images', folder), { recursive: true })
    // Ids go species by species, as in CUB; numbers (which decide what is drawn) go round the species.
    const numbers = Array.from({ length: train + test }, (_, index) => index)
    const order = kinds.flatMap((_, label) => numbers.filter(index => index % classes === label))
    const jobs = order.map((index): Job => {
      const { folder } = kinds[index % classes]!
      const number = String(Math.floor(index / classes) + 1).padStart(4, '0')
      return { index, file: `images/${folder}/${folder.slice(4)}_${number}.png` }
    })
    const done = await draw(half, all, jobs, options.onProgress)
    await writeLists(half, all, jobs, done)
    await writeFile(join(half, 'contact-sheet.png'), contactSheet(all))
    await writeFile(join(half, 'birds.json'), json(all))
    // Another process may have put the same birds there meanwhile, and be reading them.
    if (await matches(target, options)) return
    await rm(target, { recursive: true, force: true })
    await mkdir(dirname(target), { recursive: true })
    await rename(half, target)
  } finally {
    await rm(half, { recursive: true, force: true })
  }
}

/** Deletes what earlier processes left half done when they were killed. */
async function removeAbandoned(target: string): Promise<void> {
  const prefix = `${basename(target)}.half-`
  for (const name of await readdir(dirname(target)).catch(() => [])) {
    if (!name.startsWith(prefix)) continue
    try {
      process.kill(Number(name.slice(prefix.length)), 0) // asks only whether it lives
    } catch {
      await rm(join(dirname(target), name), { recursive: true, force: true })
    }
  }
}

// A thread does not inherit the TypeScript loader on every version of Node, and `--import tsx` does nothing in it.
const START = `import('${import.meta.resolve('tsx/esm/api')}').then(({ register }) => {
  register()
  return import('${new URL('./worker.ts', import.meta.url)}')
})`

/** Draws and writes every job on worker threads; resolves to what each picture holds, by index. */
async function draw(
  dir: string,
  all: BirdsJson,
  jobs: Job[],
  onProgress: WriteOptions['onProgress'],
): Promise<Map<number, Done>> {
  const threads = Math.min(8, availableParallelism(), Math.ceil(jobs.length / 16))
  const done = new Map<number, Done>()
  const workers: Worker[] = []
  try {
    await Promise.all(
      Array.from(
        { length: threads },
        (_, thread) =>
          new Promise<void>((finished, failed) => {
            const order: Order = {
              dir,
              seed: all.seed,
              options: all,
              jobs: jobs.filter((_, k) => k % threads === thread),
            }
            const worker = new Worker(START, { eval: true, workerData: order, execArgv: [] })
            workers.push(worker)
            worker.on('message', (some: Done[]) => {
              for (const one of some) done.set(one.index, one)
              try {
                onProgress?.(done.size, jobs.length)
              } catch (error) {
                failed(error)
              }
            })
            worker.on('error', failed)
            worker.on('exit', code =>
              code ? failed(new Error(`a thread that draws birds ended with code ${code}`)) : finished(),
            )
          }),
      ),
    )
  } finally {
    await Promise.all(workers.map(worker => worker.terminate()))
  }
  return done
}

/** The text files of CUB_200_2011. */
async function writeLists(dir: string, all: BirdsJson, jobs: Job[], done: Map<number, Done>): Promise<void> {
  const lines = (of: (job: Job, id: number) => string): string => jobs.map((job, k) => `${of(job, k + 1)}\n`).join('')
  const at = (index: number): Done => done.get(index)!
  const list = (names: readonly string[]): string => names.map((name, k) => `${k + 1} ${name}\n`).join('')
  await mkdir(join(dir, 'parts'))
  const files: Record<string, string> = {
    'images.txt': lines(({ file }, id) => `${id} ${file.slice('images/'.length)}`),
    'image_class_labels.txt': lines(({ index }, id) => `${id} ${(index % all.classes) + 1}`),
    'train_test_split.txt': lines(({ index }, id) => `${id} ${Number(index < all.train)}`),
    'bounding_boxes.txt': lines(
      ({ index }, id) =>
        `${id} ${at(index)
          .box.map(v => v.toFixed(1))
          .join(' ')}`,
    ),
    'classes.txt': list(species(all.classes).map(one => one.folder)),
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
