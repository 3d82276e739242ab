/** Signals: the first one asks the run to finish its step and save; a second one ends the process at once. */
import { constants } from 'node:os'
import { restoreTerminal } from './terminal.ts'

type Signal = 'SIGINT' | 'SIGTERM' | 'SIGHUP'
/** npm passes on a signal that the terminal has sent to all: within this time two are one. */
const ECHO_MS = 1000

/** A run that was stopped by a signal. All of it is saved. */
export class Stopped extends Error {
  override name = 'Stopped'
  readonly exitCode: number
  constructor(signal: Signal) {
    super(`stopped by ${signal}`)
    this.exitCode = exitCodeOf(signal)
  }
}

const exitCodeOf = (signal: Signal): number => 128 + constants.signals[signal]

/** Listens to signals from now on, until off(). */
export class Stop {
  /** The signal that has asked the run to stop. */
  asked: Signal | undefined
  /** True once a signal may end the process at once: nothing is unsaved. */
  atOnce = false
  readonly #say: (line: string) => void
  readonly #advice: string
  readonly #onTerminal = process.stdout.isTTY === true
  #at = 0
  readonly #handlers = new Map<Signal, () => void>()

  /** @param advice the command that goes on. */
  constructor(say: (line: string) => void, advice: string) {
    this.#say = say
    this.#advice = advice
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      const handler = () => {
        this.#take(signal)
      }
      this.#handlers.set(signal, handler)
      process.on(signal, handler)
    }
  }

  #take(signal: Signal): void {
    // A hangup means a terminal that is gone. A run without one, as under nohup, goes on; npm may not have.
    if (signal === 'SIGHUP' && !this.#onTerminal) return
    if (this.atOnce) this.#end(signal)
    if (this.asked === undefined) {
      this.asked = signal
      this.#at = performance.now()
      this.#say(`${signal}: this step is finished and saved, then the run stops; once more stops at once`)
    } else if (performance.now() - this.#at > ECHO_MS) this.#end(signal)
  }

  #end(signal: Signal): never {
    restoreTerminal()
    this.#say(`\nstopped at once by ${signal}; go on with\n  ${this.#advice}`)
    process.exit(exitCodeOf(signal))
  }

  off(): void {
    for (const [signal, handler] of this.#handlers) process.off(signal, handler)
  }
}
