/** open() and close(): the device, the shader texts, and the switches, in one call each. */

import { adapterInfo, closeDevice, deviceLoss, isDeviceOpen, openDevice } from '../gpu/device.ts'
import { loadKernels } from '../gpu/kernel.ts'
import { checkedOptions, type OpenOptions } from '../gpu/options.ts'
import { profileTable, startProfiling, stopProfiling } from '../gpu/profile.ts'
import { switches, useOptions } from '../gpu/switches.ts'
import { installDebug } from './debug.ts'
import { finish } from './transfer.ts'
import { keepChoicesOf } from './tune/choices.ts'

/** The opening, under way or done, and its options; undefined while nothing is open. */
let opened: { readonly done: Promise<void>; readonly options: OpenOptions } | undefined
let closing: Promise<void> | undefined

/**
 * Opens the GPU. Call it after the imports: it loads the text of every kernel they declare. An option wins over the
 * environment; the address of a page is not read. Where a device is open, or being opened, that one is shared; a lost
 * one is closed first. After close() it opens a fresh device, for which all tensors and plans are made again.
 * @throws on an option that there is not, a value that it does not take, and options other than those of the device
 *   that is open.
 */
export async function open(options: OpenOptions = {}): Promise<void> {
  const given = checkedOptions(options)
  if (deviceLoss()) close().catch(() => {}) // who used it has been told, or has been waiting for nothing
  while (closing) await closing.catch(() => {}) // who closes it is told
  opened ??= { done: begin(given), options: given }
  const other = (Object.keys(given) as (keyof OpenOptions)[]).filter(name => given[name] !== opened!.options[name])
  if (other.length)
    throw new Error(`open: the device is open already, with other options (${other.join(', ')}): close() it first`)
  await opened.done
  await loadKernels() // those that were declared since
}

async function begin(options: OpenOptions): Promise<void> {
  useOptions(options)
  try {
    const kernels = loadKernels()
    kernels.catch(() => {}) // if the device fails, too, that is told
    await openDevice(options)
    await kernels
    keepChoicesOf(JSON.stringify([adapterInfo, switches.f16]))
    installDebug()
    if (switches.profile) startProfiling()
  } catch (error) {
    forget()
    throw error
  }
}

function forget(): void {
  closeDevice()
  useOptions({})
  opened = undefined
}

/**
 * Finishes what is under way, prints the table of a profile, and lets the process end. Tensors and plans go with the
 * device: to use one afterwards is an error, to release() or destroy() it is none.
 * @throws what the GPU has complained about, and a loss that nobody has heard of; the device is closed all the same.
 */
export function close(): Promise<void> {
  closing ??= end().finally(() => {
    closing = undefined
  })
  return closing
}

async function end(): Promise<void> {
  await opened?.done.catch(() => {}) // who opens it is told
  if (!isDeviceOpen()) return
  try {
    if (deviceLoss() === 'told') return
    await finish()
    const rows = await stopProfiling()
    if (rows.size) console.log(`\n${profileTable(rows)}`)
  } finally {
    forget()
  }
}
