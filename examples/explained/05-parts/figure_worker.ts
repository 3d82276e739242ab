/** The figures' half in the worker: the parts of a bird, and their price. */
import type { Handlers } from '../../browser/panel.ts'
import { parts } from './parts.ts'
import { price } from './price.ts'

export const handlers: Handlers = { parts, price }
