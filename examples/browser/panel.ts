/** A panel of the page, and its half in the worker, which computes. Nothing but messages goes between the two. */

/** Sends a call of the panel's own half in the worker more than one answer, such as a step's losses. */
export type Emit = (event: unknown) => void

/** The worker's half: functions by name. What they take and return must be fit for postMessage(). */
export type Handlers = Readonly<Record<string, (argument: never, emit: Emit) => unknown>>

/** The page's half of a connection with the worker. */
export interface Engine {
  /**
   * Calls a function of the worker: `panel` and its name, as in `call('look', 'explain', photo)`.
   *
   * @param onEvent gets what the function emits before it returns.
   * @throws what the function threw: its message.
   */
  call<T>(panel: string, name: string, argument?: unknown, onEvent?: (event: never) => void): Promise<T>
}

/** The panel's part of the address (`#look?gamma=2`), by name. It can be sent to somebody. */
export interface State {
  get(name: string): string | undefined
  /** Writes into the address, soon, without a new entry in the history. undefined removes it. */
  set(values: Readonly<Record<string, string | undefined>>): void
}

export interface Panel {
  /** The word in the address. */
  readonly id: string
  readonly title: string
  /**
   * Fills `root`, once, when the panel is first shown. The engine's device may still be opening: calls wait for it. If
   * it cannot be opened, they fail, and a sentence takes the place of all panels.
   */
  mount(root: HTMLElement, engine: Engine, state: State): void | Promise<void>
}
