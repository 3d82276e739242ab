/** The panel Bench's half in the worker. */
import type { Handlers } from './panel.ts'

export const handlers: Handlers = {}
