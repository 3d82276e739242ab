/** open() and close(): the device, the shader texts, and the switches, in one call each. */

import { closeDevice, gpu, openDevice } from '../gpu/device.ts'
import { loadKernels } from '../gpu/kernel.ts'
import { checkedOptions, type OpenOptions } from '../gpu/options.ts'
import { profileTable, startProfiling, stopProfiling } from '../gpu/profile.ts'
import { switches, useOptions } from '../gpu/switches.ts'
import { installDebug } from './debug.ts'
import { finish } from './transfer.ts'

/**
 * Opens the GPU. Call it after the imports: it loads the text of every kernel they declare. An option wins over the
 * environment; the address of a page is not read.
 * @throws on an option that there is not, or a value that it does not take.
 */
export async function open(options: OpenOptions = {}): Promise<void> {
  const given = checkedOptions(options)
  useOptions(given)
  await openDevice(given)
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
