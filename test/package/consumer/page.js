/** A page that draws a bird, and trains. */
import { drawBird } from 'tasn-webgpu/birds'
import { PRESETS } from 'tasn-webgpu/train'

globalThis.found = { pixels: drawBird(0, 0).rgb.length, batch: PRESETS.tiny.training.batch }
await import('./train.js')
