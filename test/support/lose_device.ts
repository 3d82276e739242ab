/** Preloaded into a training: its device is lost once the file METRICS has LINES lines. */
import { existsSync, readFileSync } from 'node:fs'
import { gpu } from '../../src/gpu/device.ts'

const { METRICS, LINES } = process.env
const look = setInterval(() => {
  if (!existsSync(METRICS!) || readFileSync(METRICS!, 'utf8').split('\n').length <= Number(LINES)) return
  clearInterval(look)
  gpu.destroy()
}, 1).unref()
