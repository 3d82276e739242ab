/** The user's folder for what can be computed again: verdicts on images, and decoded images. */
import { homedir } from 'node:os'
import { join } from 'node:path'
import { switches } from '../gpu/switches.ts'

/** `tasn-webgpu` in XDG_CACHE_HOME or ~/.cache; undefined for a user without a home. */
export function cacheFolder(): string | undefined {
  try {
    return join(switches.cacheHome ?? join(homedir(), '.cache'), 'tasn-webgpu')
  } catch {
    return undefined
  }
}
