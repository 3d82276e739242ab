/** Finds images whose files have the same bytes under two names, where that spoils a training or its test. */
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { type Dataset, pathIn, type Sample } from './dataset.ts'
import { counted, someOf } from './problems.ts'
import type { Entry } from './verified.ts'

/**
 * Warnings about the same bytes on both sides of the split or under two labels. Only files of one size are compared,
 * by digests, which are put into `entries`.
 */
export async function checkTwins(
  dataset: Dataset,
  samples: readonly Sample[],
  entries: ReadonlyMap<string, Entry>,
  runAll: (work: (() => Promise<void>)[]) => Promise<void>,
): Promise<string[]> {
  const training = new Set(dataset.train.map(s => s.id))
  const sameSize = groups(samples, s => entries.get(s.file)!.size).filter(group =>
    group.some(s => s.label !== group[0]!.label || training.has(s.id) !== training.has(group[0]!.id)),
  )
  const unread = sameSize.flat().filter(s => entries.get(s.file)!.digest === undefined)
  await runAll(
    unread.map(({ file }) => async () => {
      const bytes = await readFile(file).catch(() => undefined)
      if (bytes) entries.get(file)!.digest = createHash('sha256').update(bytes).digest('base64url').slice(0, 22)
    }),
  )
  const compared = sameSize.flat().filter(s => entries.get(s.file)!.digest !== undefined)
  const twins = groups(compared, s => entries.get(s.file)!.digest!)
  const names = (group: readonly Sample[]) => group.map(s => pathIn(dataset.dir, s.file)).join(' = ')
  const warn = (found: readonly (readonly Sample[])[], text: string) =>
    found.length ? [`${counted(found.length, 'image')} ${text} (${someOf(found.map(names))})`] : []
  return [
    ...warn(
      twins.filter(g => g.some(s => s.label !== g[0]!.label)),
      'with the same bytes under two names and two labels: one label is wrong',
    ),
    ...warn(
      twins.filter(g => g.some(s => training.has(s.id) !== training.has(g[0]!.id))),
      'with the same bytes for training and for testing: the test accuracy counts what was learnt by heart',
    ),
  ]
}

/** The groups of two or more that have one key. */
function groups<K>(samples: readonly Sample[], keyOf: (s: Sample) => K): Sample[][] {
  const byKey = new Map<K, Sample[]>()
  for (const s of samples) {
    const group = byKey.get(keyOf(s))
    if (group) group.push(s)
    else byKey.set(keyOf(s), [s])
  }
  return [...byKey.values()].filter(group => group.length > 1)
}
