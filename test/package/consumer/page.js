/** A page that draws a bird, and trains. */
import { drawBird } from 'tasn-webgpu/birds'
import { PRESETS } from 'tasn-webgpu/train'
import './train.js'

globalThis.found = { losses: globalThis.losses, pixels: drawBird(0, 0).rgb.length, batch: PRESETS.tiny.training.batch }
