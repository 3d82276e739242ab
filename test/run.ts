/**
 * Runs every *.test.ts below test/, or those whose path contains a word of the command line, in one process with one
 * device. Ends with the line `N passed, N failed`; fails as well when a file held no test, a test was skipped, none ran
 * at all, or a full run has left out a rung that this adapter can run: what ships to another machine is run here, too.
 * The tests in a browser and those of the package have runs of their own: browser/run.ts, package/run.ts.
 */
import { fileURLToPath } from 'node:url'
import { hooks, isRecordingPlan } from '../src/engine/launch.ts'
import { close, open } from '../src/engine/open.ts'
import { adapterInfo } from '../src/gpu/device.ts'
import { declaredLadders, type Rung } from '../src/gpu/kernel.ts'
import { lacking } from '../src/gpu/ladder.ts'
import { runFiles, testFiles } from './support/suites.ts'

// Measured choices differ from run to run; what is tested are the rules, and in engine/tune.test.ts the tuner.
process.env.TUNE = '0'

const here = fileURLToPath(new URL('.', import.meta.url))
const words = process.argv.slice(2)
const files = testFiles(here, words).filter(file => !/^(browser|package)\//.test(file))
const ran = new Set<Rung>()

process.exitCode = await runFiles(here, files, {
  // After the imports: open() loads the shaders of the kernels that they declare.
  async before() {
    await open()
    const afterLaunch = hooks.afterLaunch
    hooks.afterLaunch = l => {
      if (!isRecordingPlan()) ran.add(l.rung)
      return afterLaunch?.(l) ?? []
    }
    console.log(`adapter: ${adapterInfo.description || adapterInfo.device} (${adapterInfo.vendor})`)
  },
  after(fail) {
    const everyRung = declaredLadders().flatMap(l => l.rungs.map(rung => ({ name: `${l.name}, ${rung.name}`, rung })))
    // EVERY_RUNG=1 is test/adapters.ts, whose tests are enough for that.
    for (const { name, rung } of words.length && process.env.EVERY_RUNG !== '1' ? [] : everyRung) {
      const lack = lacking(rung)
      // It finds values that are not finite under CHECK=1, in a process of its own: engine/launch.test.ts.
      if (name === 'debug/finite, only') continue
      if (lack) console.log(`  not run here: ${name}, for it ${lack}`)
      else if (!ran.has(rung)) fail(`no test has run the rung ${name}`)
    }
  },
  end: close,
})
