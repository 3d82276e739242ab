/** Two pieces of work in flight: while the device is busy with one, the host prepares the next. */

/** True to leave nothing in flight after the item of this index: its result then comes before the next launch. */
export type Settle = (index: number) => boolean

/** A result, and whether anything is in flight behind it. */
export interface Landed<Result> {
  readonly result: Result
  /** Nothing is: the device stands exactly behind this item. */
  readonly settled: boolean
}

/**
 * Launches the items one after the other, and yields their results in the same order, each once the next item has been
 * launched: between two items the device never waits for the host to read. Where `settle` says so, and at the end, it
 * does wait.
 *
 * Only the result that is being waited for can throw. A consumer that leaves early waits for what is in flight, and
 * what that says, an error too, is dropped.
 *
 * @param launch enqueues the item's work, and the copy of its result, before it returns.
 */
export async function* overlapped<Item, Result>(
  items: AsyncIterable<Item>,
  launch: (item: Item, index: number) => Promise<Result>,
  settle: Settle = () => false,
): AsyncGenerator<Landed<Result>, void, undefined> {
  let index = 0
  let pending: Promise<Result> | undefined
  const land = async (): Promise<Landed<Result>> => {
    const last = pending!
    pending = undefined
    return { result: await last, settled: true }
  }
  try {
    for await (const item of items) {
      const before = pending
      pending = launch(item, index)
      pending.catch(() => {}) // thrown where it is awaited
      if (before) yield { result: await before, settled: false }
      if (settle(index++)) yield await land()
    }
    if (pending) yield await land()
  } finally {
    await pending?.catch(() => {})
  }
}
