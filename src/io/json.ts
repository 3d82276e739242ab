/** Values out of JSON, before anything is believed of them. */

/** True for an object with fields: neither null nor a list. */
export const isObject = (v: unknown): v is Record<string, unknown> =>
  typeof v === 'object' && v !== null && !Array.isArray(v)
