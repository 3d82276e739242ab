/**
 * The tests that run in a page, and the one list of what cannot hold there, with the reason. It is exact both ways:
 * tests.test.ts fails where a file or a test of the list could run in a page, and where another one cannot.
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
  'tasn/page_model.test.ts': 'reads the model file of the page',
  'tasn/predict.test.ts': 'starts a program',
  'tasn/pretrained.test.ts': 'writes files of weights',
  'tasn/strangers.test.ts': 'writes damaged files, and measures memory',
}

/** The message where a test wants a process of its own: child() in a page. */
export const NO_CHILD = 'a page starts no processes'

/** Tests that fail in a page, on whatever adapter. */
export const FAILS: readonly Failure[] = []

/** What tests.test.ts runs: adapters of chromium.ts, switches in the address, and the tests that are worth it there. */
export interface PageAdapter {
  readonly kind: 'A' | 'B'
  readonly query: string
  readonly words: readonly string[]
  /** Tests that fail on this adapter, beside FAILS. */
  readonly fails: readonly Failure[]
}

export const PAGE_ADAPTERS: readonly PageAdapter[] = [
  { kind: 'B', query: 'MACHINE=cpu', words: ['engine/', 'gpu/', 'nn/', 'ops/', 'tasn/'], fails: [] },
  { kind: 'B', query: '', words: ['ops/matmul', 'ops/softmax', 'ops/reduce'], fails: [] },
  { kind: 'A', query: '', words: ['ops/elementwise', 'ops/reduce', 'ops/softmax'], fails: [] },
]
