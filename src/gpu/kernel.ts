/**
 * Kernels as ops declare them. Every kernel is a ladder: rungs that compute the same, from the one to read to the one
 * to run, with the same bindings and the same params. A ladder may have one rung.
 */
import { type Consts, loadSource } from './shader.ts'

/** The numbers of a launch, by their WGSL names. Each op has a type of its own. */
export type Params = Readonly<Record<string, number>>

/** Workgroups on each axis. */
export type Grid = readonly [x: number, y: number, z: number]

/** One .wgsl file with its constants. */
export interface Rung<P extends Params = Params> {
  /** Tells it from the others of its ladder. */
  readonly name: string
  /** Below shaders/. */
  readonly file: string
  /**
   * The work: a number of elements, which invocations share out among themselves (WG of them in a workgroup, STRIP
   * elements each), or the workgroups. `c` has the shader's constants, so that no tile size is written twice.
   */
  grid(p: P, c: Consts): number | Grid
  /** New values for `const` lines of the file. Params that are `const` lines, too, are compiled in by themselves. */
  readonly consts?: Consts
  /** The adapter must have subgroups of so many lanes or more; the feature shader-f16. */
  readonly needs?: { readonly subgroup?: number; readonly f16?: true }
  /** True where its result is right: everywhere, unless given. */
  right?(p: P): boolean
  /** The kind of machine that it is made for: any, unless given. A matter of speed only. */
  readonly on?: 'cpu' | 'gpu'
  /** True where it is worth taking on such a machine: everywhere, unless given. */
  pays?(p: P, c: Consts): boolean
}

/** How a launch that takes too long to be measured is made smaller. */
export interface Batch<P extends Params = Params> {
  /** The param that counts independent pieces of work: images, matrices. */
  readonly axis: keyof P & string
  /** The tensors whose first axis counts them. */
  readonly tensors: readonly string[]
  /**
   * A param that counts groups of pieces, of which there cannot be more than pieces, and the tensor that begins with
   * it.
   */
  readonly groups?: { readonly axis: keyof P & string; readonly tensor: string }
}

/** Properties that all rungs of a ladder share. */
export interface LadderOptions<P extends Params = Params> {
  /** Multiplications and additions of a launch, for PROFILE=1, the benchmarks and the tuner. */
  flop?(p: P): number
  /** It takes longer to move its bytes than to multiply: benchmarks tell its rate in bytes. */
  readonly memory?: true
  /** A launch's shapes for the reader; its first tensor's shape, unless given. */
  text?(p: P): string
  readonly batch?: Batch<P>
  /** Tensors that a launch changes and does not write anew: to be measured, each rung gets them as they were. */
  readonly updates?: readonly string[]
  /** false: the tuner does not measure it. The machine decides which rung is best, whatever the shape. */
  readonly tuned?: false
}

export interface Ladder<P extends Params = Params> extends LadderOptions<P> {
  readonly name: string
  readonly rungs: readonly [Rung<P>, ...Rung<P>[]]
}

const ladders = new Map<string, Ladder>()

/** Declares interchangeable rungs. Called at module scope by the op that owns them. @throws where a name is taken. */
export function ladder<P extends Params>(
  name: string,
  rungs: Ladder<P>['rungs'],
  options: LadderOptions<P> = {},
): Ladder<P> {
  if (ladders.has(name)) throw new Error(`there are two ladders of the name ${name}`)
  const names = rungs.map(r => r.name)
  if (new Set(names).size < names.length) throw new Error(`two rungs of ${name} have one name: ${names.join(', ')}`)
  const l = { name, rungs, ...options }
  ladders.set(name, l as Ladder)
  return l
}

/** Declares a ladder of one rung, named like its file. */
export const kernel = <P extends Params>(
  file: string,
  grid: Rung<P>['grid'],
  options: LadderOptions<P> = {},
): Ladder<P> => ladder(nameOf(file), [{ name: 'only', file, grid }], options)

/**
 * Declares a shader over one long row of elements (lib/strip.wgsl). On a GPU every lane has one element. On a CPU an
 * invocation costs as much as several elements, so there one octet of lanes walks 2,048 of them: measured on SGD, it is
 * three times as fast.
 */
export const strips = <P extends Params>(file: string, elements: (p: P) => number): Ladder<P> =>
  ladder(
    nameOf(file),
    [
      { name: 'lanes', file, grid: elements },
      { name: 'strips', file, grid: elements, consts: { WG: 8, STRIP: 256 }, on: 'cpu' },
    ],
    { tuned: false },
  )

/**
 * Like strips(), for a shader that has a second file `vec4`, which does the same to four elements at a time. That one
 * is taken where n is a multiple of four.
 */
export const stripsInFours = <P extends Params & { n: number }>(
  name: string,
  file: string,
  vec4: string,
): Ladder<P> => {
  const four = { file: vec4, grid: (p: P) => p.n / 4, right: (p: P) => p.n % 4 === 0 }
  return ladder(
    name,
    [
      { name: 'lanes', file, grid: p => p.n },
      { name: 'strips', file, grid: p => p.n, consts: { WG: 8, STRIP: 256 }, on: 'cpu' },
      { name: 'lanes vec4', ...four },
      { name: 'strips vec4', ...four, consts: { WG: 8, STRIP: 64 }, on: 'cpu' },
    ],
    { tuned: false },
  )
}

const nameOf = (file: string): string => file.replace('.wgsl', '')

/** A rung for tables and messages: its file, and what tells it from others of the same file. */
export const labelOf = ({ file, consts, needs }: Rung): string =>
  nameOf(file) +
  (needs?.f16 ? ' f16' : '') +
  (consts
    ? ` (${Object.entries(consts)
        .map(([name, v]) => `${name} ${v}`)
        .join(', ')})`
    : '')

/**
 * Largest relative difference from the first rung that is still right (Euclidean norm), where that is more than other
 * orders of summation give. Half precision keeps eleven bits of each number, so products are off by up to 1/1024.
 */
export const toleranceOf = ({ needs }: Rung): number | undefined => (needs?.f16 ? 1e-3 : undefined)

export const declaredLadders = (): readonly Ladder[] => [...ladders.values()]

/** @throws where there is none of this name, with the names that there are. */
export function ladderNamed(name: string): Ladder {
  const l = ladders.get(name)
  if (!l) throw new Error(`no ladder is named ${name}; there are ${[...ladders.keys()].join(', ')}`)
  return l
}

/** @throws where there is none of this name, with the names that there are. */
export function rungNamed(l: Ladder, name: string): Rung {
  const rung = l.rungs.find(r => r.name === name)
  if (!rung) throw new Error(`${l.name} has no rung ${name}; it has ${l.rungs.map(r => r.name).join(', ')}`)
  return rung
}

/** Loads the text of every kernel that the modules imported so far declare. */
export async function loadKernels(): Promise<void> {
  const files = new Set(declaredLadders().flatMap(l => l.rungs.map(r => r.file)))
  await Promise.all([...files].map(loadSource))
}
