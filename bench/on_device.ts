/** A benchmark as a program: on an open device, its errors in one line. */
import { closeSync, openSync } from 'node:fs'
import { close, open } from '../src/engine/open.ts'

/** Runs `measure` and sets the exit status. @param json the file that it writes at its end. */
export async function onDevice(measure: () => Promise<void>, json?: string): Promise<void> {
  try {
    if (json) closeSync(openSync(json, 'a')) // whether it can be written is told before all the measuring
    await open()
    await measure().finally(close)
  } catch (error) {
    console.error(`error: ${(error as Error).message}`)
    process.exitCode = 1
  }
}
