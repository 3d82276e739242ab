/** Functions that must be done when they return: a promise would go on without what surrounds them. */

/** Runs `body`. @throws where it is an async function, or returns a promise in another way. */
export function synchronously<T>(name: string, body: () => T): T {
  const result = body()
  if (typeof (result as { then?: unknown } | null | undefined)?.then === 'function') {
    void Promise.resolve(result).catch(() => {}) // what it does from here on is lost, and so are its errors
    throw new Error(
      `${name}: its function must be synchronous, and returned a promise. All that it launches comes before its ` +
        'return; await read() and other promises before or after',
    )
  }
  return result
}
