/** sharp, which decodes and resizes images: loaded when it is first needed, for nothing else needs it. */
import { notInstalled } from './not_installed.ts'

type Sharp = typeof import('sharp')['default']
let loaded: Promise<Sharp> | undefined

/** @throws if it is not installed. */
export async function loadSharp(): Promise<Sharp> {
  loaded ??= import('sharp').then(
    ({ default: sharp }) => {
      // Many small images are decoded at a time, so threads within one, and a memory of past operations, only cost.
      sharp.concurrency(1)
      sharp.cache(false)
      return sharp
    },
    notInstalled('sharp', 'decoding photos'),
  )
  return loaded
}
