/**
 * The adapters that `npm run test:adapters` runs the tests on, and the one list of what cannot hold where. The list is
 * exact: a test that fails without an entry fails the run, and so does an entry whose test passes.
 */

export interface Adapter {
  readonly name: string
  /** Not Node: the package of test/runtimes that runs the tests. */
  readonly runtime?: 'deno' | 'bun'
  /** Makes this adapter of the machine's own: switches of this project, and of Mesa's lavapipe. */
  readonly env?: Readonly<Record<string, string>>
  /** Takes long, or differs little: only these tests, unless --all asks for all. */
  readonly words?: readonly string[]
  /** Only with --all, or by its name: rare, and slow. */
  readonly onDemand?: true
  /** The optional features of our shaders that its devices lack, and why. */
  readonly lacks?: Readonly<Record<string, string>>
  /** The tests that fail there. */
  readonly fails?: readonly Failure[]
}

export interface Failure {
  /** As uvu names it: `suite  "test"`. */
  readonly test: string
  readonly because: string
  /** Stands in what the test says. */
  readonly says: string
}

/**
 * Compares what uvu says of the tests that failed with the list. Returns what is not as it says, one sentence each.
 *
 * @param found for each test that failed uvu's text, which begins with `suite  "test"`.
 */
export function unlisted(found: readonly string[], expected: readonly Failure[]): string[] {
  const isOf = (text: string, test: string): boolean => text.startsWith(`${test}\n`)
  return [
    ...found
      .filter(text => !expected.some(({ test, says }) => isOf(text, test) && text.includes(says)))
      .map(text => `failed: ${text.trim()}`),
    ...expected
      .filter(({ test }) => !found.some(text => isOf(text, test)))
      .map(({ test, because }) => `did not fail, though the list says so ("${because}"): ${test}`),
  ]
}

/** Kernels, engine, ops, layers, parity, and a training. */
export const WORDS = ['gpu/', 'engine/', 'ops/', 'nn/', 'parity/ops', 'parity/tasn', 'train/loop', 'shaders.test']

/** The cache of compiled shaders does not tell lanes apart. */
const lanes = (bits: number): Record<string, string> => ({
  LP_NATIVE_VECTOR_WIDTH: `${bits}`,
  MESA_SHADER_CACHE_DISABLE: '1',
})

export const ADAPTERS: readonly Adapter[] = [
  {
    name: '4 lanes, as old GPUs and SwiftShader have',
    env: lanes(128),
    words: ['ops/', 'engine/machine', 'engine/launch', 'parity/ops', 'shaders.test'],
  },
  {
    name: '16 lanes, as CPUs with AVX-512 would have',
    env: lanes(512),
    onDemand: true,
    words: ['ops/matmul', 'ops/reduce', 'ops/softmax', 'engine/machine', 'shaders.test'],
  },
  { name: 'the rungs that GPUs get', env: { MACHINE: 'gpu' } },
  {
    name: "plain: no optional feature, and WebGPU's default limits",
    env: { DEVICE: 'plain' },
    words: ['gpu/', 'engine/launch', 'engine/machine', 'ops/', 'parity/ops', 'train/loop', 'shaders.test'],
    lacks: { subgroups: 'not asked for', 'shader-f16': 'not asked for' },
  },
  {
    name: 'Deno, whose WebGPU is wgpu, as in Firefox',
    runtime: 'deno',
    words: ['gpu/', 'ops/', 'parity/ops', 'parity/tasn', 'train/loop', 'shaders.test'],
    lacks: { subgroups: 'naga, the compiler of wgpu, does not know `enable subgroups;`' },
    fails: [
      {
        test: 'gpu/device  "DEVICE=plain refuses a shader with more workgroup memory than WebGPU promises"',
        because: 'wgpu does not compare workgroup memory with the limit of the device',
        says: '(equal)',
      },
      {
        test: 'gpu/device  "Dawn can be reached from globalThis: nothing else keeps it from the garbage collector"',
        because: 'there is no Dawn',
        says: 'Expected value to be truthy',
      },
      {
        test: 'gpu/device  "wait() sleeps between looks"',
        because: 'Deno sleeps itself while it waits for the GPU; naps of ours would make that longer',
        says: 'turns in',
      },
    ],
  },
  {
    name: 'Bun, with the WebGPU of npm',
    runtime: 'bun',
    words: ['gpu/', 'engine/launch', 'engine/transfer', 'ops/elementwise', 'train/loop'],
  },
]
