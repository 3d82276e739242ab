/** The rungs that a run has taken by measuring: kept in its config.json, taken up again by --resume and --repeat. */
import { declaredLadders, labelOf, type Params } from '../../gpu/kernel.ts'
import { pick, picks, rungsThatFit } from '../../gpu/ladder.ts'

/** Chosen rungs: ladder -> params as JSON -> name of the rung. */
export type Choices = Readonly<Record<string, Readonly<Record<string, string>>>>

let frozen = false
let measuredOn: string | undefined

/** True once the choices of another run were taken up: then nothing is to be measured. */
export const areFrozen = (): boolean => frozen

/** All picks of this process. */
export function choices(): Choices {
  const all: Record<string, Record<string, string>> = {}
  for (const [key, rung] of picks) {
    const { name } = declaredLadders().find(l => l.rungs.includes(rung))!
    all[name] ??= {}
    all[name][key.slice(name.length + 1)] = rung.name
  }
  return all
}

/**
 * Takes these rungs from now on and measures nothing more: a run that is resumed or repeated gives the same bits.
 * @returns the choices that this version or adapter does not have; there the rules choose.
 */
export function useChoices(given: Choices): string[] {
  frozen = true
  const missing: string[] = []
  for (const [name, byParams] of Object.entries(given)) {
    const ladder = declaredLadders().find(l => l.name === name)
    for (const [text, wanted] of Object.entries(byParams)) {
      const params = JSON.parse(text) as Params
      // Runs of version 0.1 have labels in place of names.
      const rung = ladder && rungsThatFit(ladder, params).find(r => r.name === wanted || labelOf(r) === wanted)
      if (rung) pick(ladder, params, rung)
      else missing.push(`${wanted} for ${name} ${text}`)
    }
  }
  return missing
}

/** Choices outlast a device that is closed, for the same bits on the next one; on another adapter they say nothing. */
export function keepChoicesOf(adapter: string): void {
  if (measuredOn !== adapter) forgetChoices()
  measuredOn = adapter
}

/** Forgets all picks. */
export function forgetChoices(): void {
  frozen = false
  picks.clear()
}
