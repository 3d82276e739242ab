/** open() and close(): the device, the shader texts, and the switches of the environment, in one call each. */

import { closeDevice, gpu, openDevice } from '../gpu/device.ts'
import { loadKernels } from '../gpu/kernel.ts'
import { profileTable, startProfiling, stopProfiling } from '../gpu/profile.ts'
import { switches } from '../gpu/switches.ts'
import { installDebug } from './debug.ts'
import { finish } from './transfer.ts'

/** Opens the GPU. Call it once, after the imports: it loads the text of every kernel they declare. */
export async function open(): Promise<void> {
  await openDevice()
  await loadKernels()
  installDebug()
  if (switches.profile) startProfiling()
}

/** Finishes what is under way, prints the PROFILE=1 table, and lets the process end. */
export async function close(): Promise<void> {
  if (!gpu) return
  try {
    await finish()
    const rows = await stopProfiling()
    if (rows.size) console.log(`\n${profileTable(rows)}`)
  } finally {
    closeDevice()
  }
}
