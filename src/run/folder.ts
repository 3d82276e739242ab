/**
 * A run's folder: config.json, metrics.jsonl, summary.json, answers.json, the .safetensors and pictures/; README says
 * what each holds. One process at a time works in it.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, type Stats, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { isLeftover, removeLeftovers, syncFolder, writeText } from '../io/durable.ts'
import { resumeCommand } from './commands.ts'
import { takeLock } from './lock.ts'
import { Metrics } from './metrics.ts'

/** The newest checkpoint, for --resume; checkpoints.ts knows the others. */
export const CHECKPOINT_FILE = 'checkpoint.safetensors'
/** The attention net after its own epochs: the same for all runs that differ only in what comes after them. */
export const ATTENTION_FILE = 'attention.safetensors'
/** All that recognition needs. */
export const MODEL_FILE = 'model.safetensors'
/** The figures that a run ends with, written last: who finds it finds everything. */
export const SUMMARY_FILE = 'summary.json'
export const METRICS_FILE = 'metrics.jsonl'
/** All of it to look at, made again by `npm run report`. */
export const REPORT_FILE = 'report.html'
/** Present while a process works in the folder; files beside it are those of processes that are taking it. */
const LOCK_FILE = 'run.lock'

export class RunFolder {
  readonly dir: string
  readonly metrics: Metrics
  readonly #resume: boolean
  #giveBack: (() => void) | undefined

  /**
   * Refuses a folder that already holds something, unless the run in it is being resumed. Nothing is written before
   * claim().
   */
  constructor(dir: string, { resume = false } = {}) {
    this.dir = dir
    this.metrics = new Metrics(join(dir, METRICS_FILE))
    this.#resume = resume
    if (!resume && existsSync(dir) && holdsSomething(dir)) {
      const orGoOn = existsSync(join(dir, 'config.json')) ? `, or go on with that run:\n  ${resumeCommand(dir)}` : ''
      throw new Error(`${dir} is not empty: name another folder with --run${orGoOn}`)
    }
    if (resume && !existsSync(join(dir, 'config.json')))
      throw new Error(`${dir} has no config.json, so it is not the folder of a run`)
  }

  /** Makes the folder, and locks it for this process. Of two that start into the same folder, one gets it. */
  async claim(): Promise<void> {
    if (this.#giveBack) return
    try {
      mkdirSync(this.dir, { recursive: true })
      this.#giveBack = takeLock(this.path(LOCK_FILE), 'wait for it to end, or stop it')
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException
      if (code === undefined) throw error
      const remedy = this.#resume ? 'make room, or make it writable' : 'name another one with --run'
      throw new Error(`cannot write into the folder ${this.dir} (${message}): ${remedy}`)
    }
    if (!this.#resume && holdsSomething(this.dir)) {
      this.release()
      throw new Error(`another run has begun in ${this.dir}: name another folder with --run`)
    }
    await removeLeftovers(this.dir)
    await syncFolder(dirname(this.dir))
  }

  /** Lets other processes into the folder. */
  release(): void {
    this.metrics.close()
    this.#giveBack?.()
    this.#giveBack = undefined
  }

  /** The path of a file in the folder, which need not be there. */
  path(name: string): string {
    return join(this.dir, name)
  }

  has(name: string): boolean {
    return existsSync(this.path(name))
  }

  /** Writes a JSON file in one piece: an interrupted write leaves the old one. @throws WriteError */
  async writeJson(name: string, value: unknown): Promise<void> {
    await this.claim()
    await writeText(this.path(name), `${JSON.stringify(value, null, 2)}\n`)
  }

  /** @throws where the file is not there or no JSON. */
  readJson(name: string): unknown {
    try {
      return JSON.parse(readFileSync(this.path(name), 'utf8'))
    } catch (error) {
      throw new Error(
        `${this.path(name)} cannot be read (${(error as Error).message}): ${this.dir} is not the folder of a run`,
      )
    }
  }
}

/** The folder or file that names a trained model. @throws where there is none. */
export function trainedAt(path: string): Stats {
  const there = statSync(path, { throwIfNoEntry: false })
  if (!there) throw new Error(`there is no ${path}: name the folder of a run, or a ${MODEL_FILE}`)
  return there
}

/** The model file that a path names: a file itself, or that of a run's folder. @throws where there is none. */
export function modelFileOf(path: string): string {
  if (!trainedAt(path).isDirectory()) return path
  const file = join(path, MODEL_FILE)
  if (existsSync(file)) return file
  throw new Error(
    existsSync(join(path, 'config.json'))
      ? `${path} has no ${MODEL_FILE}: a run has one after its first epoch, and a plain classifier never`
      : `${path} has no ${MODEL_FILE}: name the folder of a run, or a model file`,
  )
}

/** Locks and half-written files of processes that were killed are nothing. */
const holdsSomething = (dir: string): boolean =>
  readdirSync(dir).some(name => !name.startsWith(LOCK_FILE) && !isLeftover(name))
