/** This project, under the same rules, in Node. */
import { onDevice } from '../on_device.ts'
import { compete } from './common.mjs'
import { ours, tinyStep } from './ours_contestant.ts'

await onDevice(async () => {
  await compete({ ...ours, tiny: await tinyStep() })
})
