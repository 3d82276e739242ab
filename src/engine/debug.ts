/** DEBUG=1 prints every launch; CHECK=1 finds the first launch whose output is not finite. */

import { env } from '../gpu/device.ts'
import { choose, gridOf, kernel, variant } from '../gpu/kernel.ts'
import { hooks, type Launch, persistent, readU32, write } from './execute.ts'
import type { Tensor } from './tensor.ts'

const CHECK = env('CHECK') === '1'

/** Puts the switches of the environment to work. Called once by open(). */
export function installDebug(): void {
  const debug = env('DEBUG') === '1' || env('DEBUG') === '2'
  if (!debug && !CHECK) return
  hooks.afterLaunch = l => {
    if (debug) console.log(describe(l))
    return CHECK ? finiteChecks(l) : []
  }
  if (CHECK) hooks.beforeRead = throwIfNotFinite
}

/** One line per launch: file, grid, tensors by WGSL name with their shapes. */
export const describe = (
  { variant: { kernel: k }, tensors, grid }: Launch,
  where: (t: Tensor) => string = () => '',
): string =>
  `${k.file.padEnd(36)} ${grid.join('x').padEnd(10)} ` +
  Object.entries(tensors)
    .map(([name, t]) => `${name}[${t.shape}]${where(t)}`)
    .join(' ')

// A check is itself a launch, so it works the same eagerly and in a plan: it lowers `first` to its own number when it
// meets a value that is NaN or infinite. Numbers rise in the order of launches.
const finite = kernel('debug/finite.wgsl', p => p.n!)
const places: string[] = []
const NONE = 0xffffffff
let first: Tensor | undefined

/** The launches that look at what `l` has written. */
function finiteChecks(l: Launch): Launch[] {
  first ??= persistent([1], new Uint32Array([NONE]))
  return l.variant.info.bindings
    .filter(b => b.access === 'read_write' && l.tensors[b.name]!.dtype === 'f32')
    .map(({ name }) => {
      const x = l.tensors[name]!
      const params = { n: x.size, place: places.push(`${l.variant.kernel.file}: ${name} [${x.shape}]`) - 1 }
      const v = variant(choose(finite, params), params)
      return { variant: v, tensors: { x, first: first! }, params, grid: gridOf(finite, v.info, params) }
    })
}

let looking = false
/** Throws with the shader and the tensor where the first value went wrong. */
async function throwIfNotFinite(): Promise<void> {
  if (!first || looking) return
  looking = true // reading the verdict must not ask for another verdict
  try {
    const [place] = await readU32(first)
    if (place === NONE) return
    write(first, new Uint32Array([NONE]))
    throw new Error(`CHECK=1: the first value that is not finite was written by ${places[place!]}`)
  } finally {
    looking = false
  }
}
