/** The numbers of a launch as the GPU takes them: the size of its grid, and the bytes of its `struct Params`. */
import type { Grid, Params, Rung } from './kernel.ts'
import { constsOf, type Variant } from './variant.ts'

/** Workgroups on one axis of a grid, at most: WebGPU's default limit. */
const MAX_GROUPS = 65535
let most = MAX_GROUPS

/** The same, or what a test has put in its place. */
export const maxGroups = (): number => most

/** For tests: within `body` an axis takes only so many workgroups, as if each launch were a huge one. */
export function withMaxGroups<T>(groups: number, body: () => T): T {
  const before = most
  most = groups
  try {
    return body()
  } finally {
    most = before
  }
}

/**
 * A grid of n workgroups. Past the limit of one axis it goes on in y: n may then be exceeded, and shaders check their
 * number.
 */
export const spread = (n: number): Grid => (n <= most ? [n, 1, 1] : [most, Math.ceil(n / most), 1])

/** The workgroups of a launch. @throws where there is nothing to do, or too much for one launch. */
export function gridOf(rung: Rung, { info }: Variant, p: Params): Grid {
  for (const { name } of info.params) need(rung.file, p, name)
  const work = rung.grid(p, constsOf(rung))
  if (typeof work === 'number') {
    if (!(work >= 1)) throw new Error(`${rung.file}: nothing to do (${work} invocations)`)
    // Shaders number their invocations by lib/flat.wgsl or lib/strip.wgsl.
    return spread(Math.ceil(work / (info.workgroup[0] * info.strip)))
  }
  if (!work.every(n => Number.isInteger(n) && n >= 1 && n <= most)) {
    throw new Error(`${rung.file}: a grid of ${work.join(' x ')} workgroups is outside 1 to ${most} on an axis`)
  }
  return work
}

function need(file: string, p: Params, name: string): number {
  const value = p[name]
  if (value === undefined) throw new Error(`${file}: param ${name} is not given`)
  return value
}

/**
 * Numbers by name -> the bytes of the shader's `struct Params`, padded to 16. @throws where one is missing or not
 * whole.
 */
export function paramBytes({ file, info }: Variant, p: Params): Uint8Array<ArrayBuffer> {
  const view = new DataView(new ArrayBuffer(Math.ceil(info.params.length / 4) * 16))
  info.params.forEach(({ name, type }, i) => {
    const value = need(file, p, name)
    if (type !== 'f32' && !Number.isInteger(value)) {
      throw new Error(`${file}: param ${name} must be a whole number, found ${value}`)
    }
    if (type === 'f32') view.setFloat32(4 * i, value, true)
    else if (type === 'i32') view.setInt32(4 * i, value, true)
    else view.setUint32(4 * i, value, true)
  })
  return new Uint8Array(view.buffer)
}
