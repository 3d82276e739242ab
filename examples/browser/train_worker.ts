/** The panel Train's half in the worker. */
import type { Handlers } from './panel.ts'

export const handlers: Handlers = {}
