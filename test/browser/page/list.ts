/**
 * The tests that run in a page, and the one list of what cannot hold there, with the reason. It is exact both ways:
 * page.test.ts fails where a file of the list could be bundled for a page, and where another one cannot;
 * browser/tests.test.ts fails where a test of the list could hold there, and where another one does not.
 */
import type { Failure } from '../../support/adapters.ts'

/** The folders of test/ whose files run in a page. */
export const FOLDERS = ['engine', 'gpu', 'nn', 'ops', 'parity', 'tasn'] as const

/** Their files that import modules of Node. */
export const OF_NODE: Readonly<Record<string, string>> = {
  'engine/tune.test.ts': 'reads and writes the file of tuned choices',
  'engine/tune_cache.test.ts': 'damages the file of tuned choices',
  'gpu/dawn.test.ts': 'copies the sources to where no package is installed',
  'tasn/classify.test.ts': 'writes model files, and reads the sources',
  'tasn/mobilenet_names.test.ts': 'writes files of weights',
  'tasn/model_card.test.ts': 'writes model files',
  'tasn/page_model.test.ts': "reads the page's model",
  'tasn/pretrained.test.ts': 'writes files of weights',
  'tasn/strangers.test.ts': 'writes damaged files, and measures memory',
}

/** The message where a test wants a process of its own: child() in a page. */
export const NO_CHILD = 'a page starts no processes'

/** Tests of processes, and of their ends. */
const OF_PROCESSES = [
  'engine/launch  "CHECK=1 names the first launch that wrote a value that is not finite, eagerly and in a plan"',
  'engine/launch  "CHECK=1 tells the first from those it infects"',
  'engine/launch  "CHECK=1 tells the first in time, where a plan has run twice before the host looks"',
  'engine/launch  "DEBUG=1 prints a line for every launch, DEBUG=2 the shader too"',
  'engine/launch  "KERNELS=naive runs rung 1 everywhere"',
  'engine/launch  "a shader that does not compile is reported with file and line, and no result is read after it"',
  'gpu/device  "DEVICE=plain opens a device with WebGPU\'s default limits and no optional feature, which refuses more"',
  'gpu/device  "DEVICE=plain refuses a shader with more workgroup memory than WebGPU promises"',
  'gpu/device  "a process that collects garbage all the time ends as it should"',
  'gpu/options  "an adapter of your own is the one that is opened"',
  'gpu/options  "open() looks at the variables"',
  'gpu/options  "open() takes them: a plain device, each launch printed, against the environment"',
  'gpu/device  "close() lets the process end, also without any work and when called twice"',
]

/** Tests that fail in a page, on whatever adapter. */
export const FAILS: readonly Failure[] = [
  ...OF_PROCESSES.map(test => ({ test, because: 'it wants a process of its own', says: NO_CHILD })),
  {
    test: 'engine/launch  "what is written is what is read, also from memory shared with a worker"',
    because: 'pages have shared memory only where the server isolates them from other origins',
    says: 'SharedArrayBuffer is not defined',
  },
  {
    test: 'gpu/device  "the adapter is described, and its own limits are used"',
    because: 'browsers hide the names of adapters',
    says: 'Expected value to be truthy',
  },
  {
    test: 'gpu/device  "Dawn can be reached from globalThis: nothing else keeps it from the garbage collector"',
    because: 'there is no Dawn',
    says: 'Expected value to be truthy',
  },
  {
    test: 'gpu/device  "wait() sleeps between looks"',
    because: 'browsers have no setImmediate(), and wait() takes no naps in them',
    says: 'setImmediate is not defined',
  },
]

/** What tests.test.ts runs: adapters of chromium.ts, switches in the address, and the tests that are worth it there. */
export interface PageAdapter {
  readonly kind: 'A' | 'B'
  readonly query: string
  readonly words: readonly string[]
  /** Tests that fail on this adapter, beside FAILS. */
  readonly fails: readonly Failure[]
}

/**
 * Shaders compile slowly on these adapters, so these run a part of what the page has for GPUs. Not here for their time
 * on B: ops/conv2d (does not end in 110 s), ops/conv2d_tiles (37 s), ops/matmul (87 s), ops/winograd (9 s), nn/resnet
 * (12 s), tasn/explain (8 s), parity/ops (70 s), parity/resnet (79 s), parity/tasn (15 s), engine/long_sums (94 s).
 * parity/paper does not end in 60 s; of engine/ only launch and long_sums were ever seen to end there.
 */
export const PAGE_ADAPTERS: readonly PageAdapter[] = [
  {
    kind: 'B',
    query: 'MACHINE=cpu',
    words: [
      'engine/launch',
      'gpu/',
      'nn/gradient_sum',
      'nn/layers',
      'nn/module',
      'nn/optim',
      'ops/attention',
      'ops/backward',
      'ops/batch',
      'ops/elementwise',
      'ops/groups',
      'ops/image',
      'ops/loss',
      'ops/pixels',
      'ops/pool',
      'ops/put',
      'ops/reduce',
      'ops/resize',
      'ops/sampler',
      'ops/softmax',
      'tasn/attention_net',
      'tasn/network',
      'tasn/plain',
      'tasn/prediction',
      'tasn/trilinear',
      'tasn/views',
    ],
    fails: [],
  },
  // Rows of what is not a number, where exp(), log() and tanh() of this adapter differ most from those of others.
  { kind: 'A', query: '', words: ['engine/not_finite', 'ops/elementwise'], fails: [] },
]
