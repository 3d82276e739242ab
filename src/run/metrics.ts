/** metrics.jsonl: a line for each step and each epoch. A full disk costs no line as long as the process lives. */
import { closeSync, constants, existsSync, fstatSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs'
import { WriteError, writeText } from '../io/durable.ts'

/** The place of a line: the epoch from 1, and for a step the step from 1, counted over all epochs. */
export interface Line {
  readonly kind: string
  readonly epoch: number
  readonly step?: number
}

export class Metrics {
  readonly #file: string
  #fd: number | undefined
  #size = 0
  /** Lines that could not be written yet. */
  #waiting = ''

  constructor(file: string) {
    this.#file = file
  }

  /** Adds a line. Where that fails, it waits for the next one, or for sync(). */
  log(line: Line & Record<string, unknown>): void {
    this.#waiting += `${JSON.stringify(line)}\n`
    try {
      this.#write()
    } catch {
      // sync() says so
    }
  }

  /** Brings all lines to the disk. @throws WriteError */
  sync(): void {
    try {
      this.#write()
      if (this.#fd !== undefined) fsyncSync(this.#fd)
    } catch (error) {
      throw new WriteError(this.#file, error)
    }
  }

  /** Writes at a place that it knows: half a line from a full disk is written over. */
  #write(): void {
    if (!this.#waiting) return
    if (this.#fd === undefined) {
      this.#fd = openSync(this.#file, constants.O_RDWR | constants.O_CREAT)
      this.#size = fstatSync(this.#fd).size
    }
    const bytes = Buffer.from(this.#waiting)
    for (let at = 0; at < bytes.length; ) at += writeSync(this.#fd, bytes, at, bytes.length - at, this.#size + at)
    this.#size += bytes.length
    this.#waiting = ''
  }

  close(): void {
    if (this.#fd !== undefined) closeSync(this.#fd)
    this.#fd = undefined
  }

  /** Keeps only the lines that `keep` wants: on resuming, those of steps that will be run again go. */
  async keep(keep: (line: Line) => boolean): Promise<void> {
    this.close()
    if (!existsSync(this.#file)) return
    const text = readFileSync(this.#file, 'utf8')
    const kept = text
      .split('\n')
      .filter(line => {
        try {
          return line !== '' && keep(JSON.parse(line) as Line)
        } catch {
          return false
        } // a line cut short by a crash
      })
      .map(line => `${line}\n`)
      .join('')
    if (kept !== text) await writeText(this.#file, kept)
  }
}
