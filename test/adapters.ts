/**
 * Runs the tests of kernels, engine, ops, layers, parity and a training on the software adapter as other adapters would
 * have it: one after the other, each in a process of its own. Fails where any of them fails.
 *
 *   npm run test:adapters
 */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const WORDS = ['gpu/', 'engine/', 'ops/', 'nn/', 'parity/ops', 'parity/tasn', 'train/loop', 'shaders.test']

/** The adapters, by the environment that makes them of Mesa's lavapipe. */
const ADAPTERS: Record<string, Record<string, string>> = {
  'four lanes, as old GPUs and SwiftShader have': { LP_NATIVE_VECTOR_WIDTH: '128', MESA_SHADER_CACHE_DISABLE: '1' },
  'the rungs that GPUs get': { MACHINE: 'gpu' },
  "no optional feature, and WebGPU's default limits": { DEVICE: 'plain' },
}

const failed: string[] = []
for (const [name, env] of Object.entries(ADAPTERS)) {
  const start = performance.now()
  const { stdout, stderr, status } = spawnSync(process.execPath, ['setup.mjs', 'test/run.ts', ...WORDS], {
    cwd: root,
    env: { ...process.env, ...env },
    encoding: 'utf8',
    maxBuffer: 2 ** 27,
  })
  const seconds = ((performance.now() - start) / 1000).toFixed(0)
  const verdict = /\n(\d+ passed, \d+ failed)\s*$/.exec(stdout)?.[1] ?? 'it did not come to an end'
  console.log(`${name}: ${verdict}, ${seconds} s`)
  if (status === 0) continue
  failed.push(name)
  console.error(`${stdout}\n${stderr}`)
}
console.log(failed.length ? `\nfailed: ${failed.join('; ')}` : `\n${Object.keys(ADAPTERS).length} adapters`)
process.exitCode = failed.length ? 1 : 0
