/** This project, under the same rules, in Node. */
import { close, open } from '../../src/index.ts'
import { compete } from './common.mjs'
import { ours, tinyStep } from './ours_contestant.ts'

await open()
await compete({ ...ours, tiny: await tinyStep() })
await close()
