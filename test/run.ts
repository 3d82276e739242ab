/**
 * Runs every *.test.ts below test/, or those whose path contains a word of the command line. Ends with the line
 * `N passed, N failed`; fails as well when a file held no test, a test was skipped, none ran at all, or a full run has
 * left out a rung that this adapter can run, or a ladder whose workgroups no test has laid out otherwise
 * (support/grids.ts): what ships to another machine is run here, too.
 *
 * With words it is one process with one device. A full run has two at a time, each for one of the PARTS: the tests of
 * programs start processes and wait for them, and the tests of kernels wait for the adapter.
 * The tests in a browser and those of the package have runs of their own: browser/run.ts, package/run.ts.
 */
import { fileURLToPath } from 'node:url'
import { isRecordingPlan, watchLaunches } from '../src/engine/launch.ts'
import { close, open } from '../src/engine/open.ts'
import { adapterInfo } from '../src/gpu/device.ts'
import { declaredLadders, type Rung } from '../src/gpu/kernel.ts'
import { lacking } from '../src/gpu/ladder.ts'
import { unproved } from './support/grids.ts'
import { runParts } from './support/parts.ts'
import { runFiles, testFiles } from './support/suites.ts'

// Measured choices differ from run to run; what is tested are the rules, and in engine/tune.test.ts the tuner.
process.env.TUNE = '0'

const here = fileURLToPath(new URL('.', import.meta.url))
const words = process.argv.slice(2)
// With words it is a run of its own, also where a test of a part has started it.
const part = words.length ? undefined : process.env.PART
const OF_KERNELS = /^(engine|gpu|nn|ops|parity|tasn)\/|shaders\.test/
/** What a full run is made of. The kernels come last: theirs is the longer output. */
const PARTS = {
  programs: (file: string) => !OF_KERNELS.test(file),
  kernels: (file: string) => OF_KERNELS.test(file),
} as const
const files = testFiles(here, words)
  .filter(file => !/^(browser|package)\//.test(file))
  .filter(file => !part || PARTS[part as keyof typeof PARTS](file))
const ran = new Set<Rung>()
/** EVERY_RUNG=1 is test/adapters.ts, whose tests are enough for that. */
const wantsEveryRung = part ? part === 'kernels' : process.env.EVERY_RUNG === '1'

async function runHere(): Promise<0 | 1> {
  return runFiles(here, files, {
    // After the imports: open() loads the shaders of the kernels that they declare.
    async before() {
      await open()
      watchLaunches(l => {
        if (!isRecordingPlan()) ran.add(l.rung)
      })
      console.log(`adapter: ${adapterInfo.description || adapterInfo.device} (${adapterInfo.vendor})`)
    },
    after(fail) {
      const everyRung = declaredLadders().flatMap(l => l.rungs.map(rung => ({ name: `${l.name}, ${rung.name}`, rung })))
      for (const { name, rung } of wantsEveryRung ? everyRung : []) {
        const lack = lacking(rung)
        // It finds values that are not finite under CHECK=1, in a process of its own: engine/launch.test.ts.
        if (name === 'debug/finite, only') continue
        if (lack) console.log(`  not run here: ${name}, for it ${lack}`)
        else if (!ran.has(rung)) fail(`no test has run the rung ${name}`)
      }
      for (const problem of wantsEveryRung ? unproved() : []) fail(problem)
    },
    end: close,
  })
}

process.exitCode = words.length || part ? await runHere() : await runParts(import.meta.url, Object.keys(PARTS))
