/**
 * Runs every *.test.ts of this folder, or those whose path contains a word of the command line: the package, built,
 * packed and installed into an empty project. They install from npm, and one needs Chromium. Ends with the line
 * `N passed, N failed`, as `npm test` does.
 */
import { fileURLToPath } from 'node:url'
import { endBrowsers } from '../support/chromium.ts'
import { runFiles, testFiles } from '../support/suites.ts'

const here = fileURLToPath(new URL('.', import.meta.url))
process.exitCode = await runFiles(here, testFiles(here, process.argv.slice(2)), { end: endBrowsers })
