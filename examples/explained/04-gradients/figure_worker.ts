/** The figures' half in the worker: a step with all its losses, one pixel of a sample, and one cell of a map. */
import type { Handlers } from '../../browser/panel.ts'
import { moveMap } from './map.ts'
import { reading } from './reading.ts'
import { step } from './step.ts'

export const handlers: Handlers = { step, reading, moveMap }
