/** DEBUG=1 prints every launch; CHECK=1 finds the first launch whose output is not finite. */

import { onClose } from '../gpu/device.ts'
import { kernel } from '../gpu/kernel.ts'
import { explain, launchKey } from '../gpu/ladder.ts'
import { switches } from '../gpu/switches.ts'
import { hooks, type Launch, prepare } from './launch.ts'
import type { Tensor } from './tensor.ts'
import { persistent, readU32, write } from './transfer.ts'

/** Puts the switches to work. Called once by open(). @param check as CHECK=1 asks for. */
export function installDebug(check = switches.check): void {
  const { debug } = switches
  if (!debug && !check) return
  hooks.afterLaunch = l => {
    if (debug) print(l)
    return check ? finiteChecks(l) : []
  }
  if (debug) {
    hooks.afterMove = l => {
      explained.delete(launchKey(l.ladder, l.params))
      print(l)
    }
  }
  if (check) hooks.beforeRead = throwIfNotFinite
}

const explained = new Set<string>()

/** Prints a launch, and when its ladder first meets these params, why each rung is taken or not. */
function print(l: Launch): void {
  console.log(launchText(l))
  const key = launchKey(l.ladder, l.params)
  if (l.ladder.rungs.length < 2 || explained.has(key)) return
  explained.add(key)
  for (const { rung, taken, why } of explain(l.ladder, l.params)) {
    console.log(`  ${taken ? '*' : ' '} ${rung.name.padEnd(16)} ${why}`)
  }
}

/** One line per launch: file, grid, tensors by WGSL name with their shapes. */
export const launchText = ({ rung, tensors, grid }: Launch, where: (t: Tensor) => string = () => ''): string =>
  `${rung.file.padEnd(36)} ${grid.join('x').padEnd(10)} ` +
  Object.entries(tensors)
    .map(([name, t]) => `${name}[${t.shape}]${where(t)}`)
    .join(' ')

// A check is itself a launch, so it works the same eagerly and in a plan: it sets `first` to its own number when it
// meets the first value in time that is NaN or infinite. A plan may run twice before the host looks.
const finite = kernel<{ n: number; place: number }>('debug/finite.wgsl', p => p.n)
const places: string[] = []
const NONE = 0xffffffff
let first: Tensor | undefined

/** The launches that look at what `l` has written. */
function finiteChecks(l: Launch): Launch[] {
  first ??= persistent([1], new Uint32Array([NONE]))
  const tensors = { first }
  return (
    l.variant.info.bindings
      .filter(b => b.access === 'read_write' && l.tensors[b.name]!.dtype === 'f32')
      // Between the tensors of a row lies anything.
      .flatMap(({ name }) => (l.tensors[name]!.storage.parts ?? [l.tensors[name]!]).map(x => ({ name, x })))
      .map(({ name, x }) => {
        const p = { n: x.size, place: places.push(`${l.rung.file}: ${name} [${x.shape}]`) - 1 }
        return prepare(finite, { ...tensors, x }, p)
      })
  )
}

/** A value that is not finite, found by CHECK=1. */
export class FirstNotFinite extends Error {
  override name = 'FirstNotFinite'
  /** The shader that wrote it, the tensor, and its shape. */
  readonly place: string
  constructor(place: string) {
    super(`CHECK=1: the first value that is not finite was written by ${place}`)
    this.place = place
  }
}

let looking = false

onClose(() => {
  for (const name of ['afterLaunch', 'afterMove', 'beforeRead'] as const) delete hooks[name]
  explained.clear()
  places.length = 0
  first = undefined
  looking = false
})

/** Throws with the shader and the tensor where the first value went wrong. */
async function throwIfNotFinite(): Promise<void> {
  if (!first || looking) return
  looking = true // reading the verdict must not ask for another verdict
  try {
    const [place] = await readU32(first)
    if (place === NONE) return
    write(first, new Uint32Array([NONE]))
    throw new FirstNotFinite(places[place!]!)
  } finally {
    looking = false
  }
}
