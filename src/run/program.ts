/** The frame of a program: its error is said once, with an exit code, and the device is closed however it ends. */
import { close } from '../engine/open.ts'
import { DeviceLost } from '../gpu/device.ts'
import { switches } from '../gpu/switches.ts'

/** Says what went wrong; with DEBUG set, also where. Returns the exit code. */
export function sayError(error: unknown): number {
  console.error(switches.debug ? error : `error: ${(error as Error).message}`)
  return (error as { exitCode?: number }).exitCode ?? 1
}

/** Runs a program to its end. @param failed takes its error, and returns the exit code. */
export async function runProgram(
  main: () => Promise<void>,
  failed: (error: unknown) => number | Promise<number> = sayError,
): Promise<void> {
  await main().catch(async (error: unknown) => {
    process.exitCode = await failed(error)
  })
  await close().catch((error: unknown) => {
    // A device that has failed says so again as it is closed. One that is lost only now has done its work.
    if (!process.exitCode && !(error instanceof DeviceLost)) process.exitCode = sayError(error)
  })
}
