/** The address: `?theme=dark&software=1#look?gamma=2`. Options before the hash, the panel and its state behind it. */
import type { State } from './panel.ts'

const parse = (hash: string): { id: string; values: URLSearchParams } => {
  const [, id, query] = /^#?([^?]*)\??(.*)$/.exec(hash)!
  return { id: id!, values: new URLSearchParams(query) }
}

/** The panel in the address, or '' where none is. */
export const panelInAddress = (): string => parse(location.hash).id

/** An option before the hash. */
export const option = (name: string): string | undefined => new URLSearchParams(location.search).get(name) ?? undefined

const states = new Map<string, URLSearchParams>()
let shown = ''

/** The state of a panel; at first what the address holds of it. */
export function stateOf(id: string): State {
  const { id: there, values: given } = parse(location.hash)
  const values = states.get(id) ?? (there === id ? given : new URLSearchParams())
  states.set(id, values)
  return {
    get: name => values.get(name) ?? undefined,
    set(changes) {
      for (const [name, value] of Object.entries(changes)) {
        if (value === undefined) values.delete(name)
        else values.set(name, value)
      }
      if (shown === id) writeAddress(id)
    },
  }
}

/** Browsers refuse to write more than some 100 addresses in 10 to 30 s: a slider that moves would pass that. */
const EVERY_MS = 300
let written = -Infinity
let later: ReturnType<typeof setTimeout> | undefined

/** Writes the panel that is shown, and its state: another panel at once, a state at most every EVERY_MS. */
export function writeAddress(id: string): void {
  const left = shown === id ? written + EVERY_MS - performance.now() : 0
  shown = id
  clearTimeout(later)
  if (left > 0) later = setTimeout(write, left)
  else write()
}

function write(): void {
  written = performance.now()
  const query = `${states.get(shown) ?? ''}`
  try {
    history.replaceState(null, '', `#${shown}${query ? `?${query}` : ''}`)
  } catch {
    later = setTimeout(write, 10 * EVERY_MS) // refused: it was too often all the same
  }
}

/** A new address that somebody typed or followed: the page begins anew with it. */
export const followAddress = (): void => addEventListener('hashchange', () => location.reload())
