/** Values out of JSON, before anything is believed of them. */

/** True for an object with fields: neither null nor a list. */
export const isObject = (v: unknown): v is Record<string, unknown> =>
  typeof v === 'object' && v !== null && !Array.isArray(v)

/** True if two values out of JSON are equal, whatever the order of their fields. */
export function sameJson(a: unknown, b: unknown): boolean {
  if (Array.isArray(a)) return Array.isArray(b) && a.length === b.length && a.every((v, i) => sameJson(v, b[i]))
  if (!isObject(a)) return a === b
  const names = Object.keys(a)
  if (!isObject(b) || names.length !== Object.keys(b).length) return false
  return names.every(name => Object.hasOwn(b, name) && sameJson(a[name], b[name]))
}
