/**
 * A run's folder: config.json, metrics.jsonl, summary.json, answers.json, three .safetensors and pictures/; README says
 * what each holds.
 */
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** The checkpoint after each epoch, for --resume. */
export const CHECKPOINT_FILE = 'checkpoint.safetensors'
/** The attention net after its own epochs: the same for all runs that differ only in what comes after them. */
export const ATTENTION_FILE = 'attention.safetensors'
/** All that recognition needs. */
export const MODEL_FILE = 'model.safetensors'

export class RunFolder {
  readonly dir: string
  #claimed: boolean

  /**
   * Refuses a folder that already holds something, unless the run in it is being resumed. Made when first written to.
   */
  constructor(dir: string, { resume = false } = {}) {
    this.dir = dir
    this.#claimed = resume
    if (!resume && existsSync(dir) && readdirSync(dir).length) {
      throw new Error(`${dir} is not empty: name another folder with --run, or go on with that run by --resume ${dir}`)
    }
    if (resume && !existsSync(join(dir, 'config.json')))
      throw new Error(`${dir} has no config.json, so it is not the folder of a run`)
  }

  /** Makes the folder, once. Of two runs that start into the same new folder, one gets it. */
  #claim(): void {
    if (this.#claimed) return
    mkdirSync(dirname(this.dir), { recursive: true })
    try {
      mkdirSync(this.dir)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || readdirSync(this.dir).length) {
        throw new Error(`cannot make the folder ${this.dir}: ${(error as Error).message}`)
      }
    }
    this.#claimed = true
  }

  /** The path of a file in the folder, which need not be there. */
  path(name: string): string {
    return join(this.dir, name)
  }

  has(name: string): boolean {
    return existsSync(this.path(name))
  }

  /** Writes a JSON file in one piece: an interrupted write leaves the old one. */
  writeJson(name: string, value: unknown): void {
    this.#claim()
    writeFileSync(this.path(`${name}.part`), `${JSON.stringify(value, null, 2)}\n`)
    renameSync(this.path(`${name}.part`), this.path(name))
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

  /** One line of metrics.jsonl. */
  log(metrics: Record<string, unknown>): void {
    appendFileSync(this.path('metrics.jsonl'), `${JSON.stringify(metrics)}\n`)
  }

  /** On resuming: drops the lines of epochs that will be run again. */
  keepMetrics(keep: (line: { epoch: number }) => boolean): void {
    const file = this.path('metrics.jsonl')
    if (!existsSync(file)) return
    const lines = readFileSync(file, 'utf8')
      .split('\n')
      .filter(line => {
        try {
          return line !== '' && keep(JSON.parse(line) as { epoch: number })
        } catch {
          return false
        } // a line cut short by a crash
      })
    writeFileSync(file, lines.map(l => `${l}\n`).join(''))
  }
}
