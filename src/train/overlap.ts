/** Two pieces of work in flight: while the device is busy with one, the host prepares the next. */

/**
 * Launches the items one after the other, and yields their results in the same order, each once the next item has been
 * launched: between two items the device never waits for the host to read.
 *
 * Only the result that is being waited for can throw. A consumer that leaves early waits for what is in flight, and
 * what that says, an error too, is dropped.
 *
 * @param launch enqueues the item's work, and the copy of its result, before it returns.
 */
export async function* overlapped<Item, Result>(
  items: AsyncIterable<Item>,
  launch: (item: Item, index: number) => Promise<Result>,
): AsyncGenerator<Result, void, undefined> {
  let index = 0
  let pending: Promise<Result> | undefined
  try {
    for await (const item of items) {
      const before = pending
      pending = launch(item, index++)
      pending.catch(() => {}) // thrown where it is awaited
      if (before) yield await before
    }
    const last = pending
    pending = undefined
    if (last) yield await last
  } finally {
    await pending?.catch(() => {})
  }
}
