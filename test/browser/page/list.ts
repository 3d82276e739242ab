/**
 * The tests that run in a page, and the one list of those that cannot, with the reason. It is exact: page.test.ts fails
 * where a file of the list could be bundled, and where a test of the list passes.
 */
import type { Failure } from '../../support/adapters.ts'

/** The folders of test/ whose files run in a page. */
export const FOLDERS = ['engine', 'gpu', 'nn', 'ops', 'parity', 'tasn'] as const

/** Their files that import modules of Node. */
export const OF_NODE: Readonly<Record<string, string>> = {
  'engine/tune.test.ts': 'reads and writes the file of tuned choices',
  'engine/tune_cache.test.ts': 'damages the file of tuned choices',
  'tasn/classify.test.ts': 'writes model files, and reads the sources',
  'tasn/model_card.test.ts': 'writes model files',
  'tasn/predict.test.ts': 'starts a program',
  'tasn/pretrained.test.ts': 'writes files of weights',
  'tasn/strangers.test.ts': 'writes damaged files, and measures memory',
}

/** The end of the message where a test wants a process of its own: child() in a page. */
export const NO_CHILD = 'a page starts no processes'

/** Tests that fail in a page, on whatever adapter. */
export const FAILS: readonly Failure[] = []
