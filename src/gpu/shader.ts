/**
 * Reads .wgsl files. A shader file is plain WGSL that compiles with its defaults. It is specialised by giving new
 * values to the `const NAME: type = value;` lines at its top; its bindings and `struct Params` are read from its text,
 * so that neither is ever written twice.
 */

import { shaderText } from './shader_text.ts'

/** New values for `const` lines, by name. */
export type Consts = Readonly<Record<string, number>>

export interface Binding {
  readonly name: string
  readonly index: number
  readonly access: 'read' | 'read_write' | 'uniform'
  /** The type of an array's elements. */
  readonly dtype: 'f32' | 'u32'
}

/** The host must know this much of a shader to launch it. */
export interface Reflection {
  readonly bindings: readonly Binding[]
  readonly params: readonly { readonly name: string; readonly type: 'u32' | 'i32' | 'f32' }[]
  readonly workgroup: readonly [number, number, number]
  /** Elements that an invocation walks: see lib/strip.wgsl. */
  readonly strip: number
}

/** `// #include "path"`, and after it whatever the reader should know of that file. */
const INCLUDE = /^\/\/ #include "([^"]+)"/
/** The files loaded so far: their text, and which files they include. */
const sources = new Map<string, Source>()
interface Source {
  readonly text: string
  readonly included: readonly string[]
}
const sourceOf = (text: string): Source => ({
  text,
  included: text.split('\n').flatMap(line => INCLUDE.exec(line)?.[1] ?? []),
})

/** Texts that are asked for: many kernels include the same files, and each file is fetched once. */
const fetched = new Map<string, Promise<void>>()

/** Loads a file below shaders/ and everything it includes. */
export async function loadSource(file: string): Promise<void> {
  const seen = new Set<string>()
  const load = async (one: string): Promise<void> => {
    if (seen.has(one)) return
    seen.add(one)
    if (!fetched.has(one)) fetched.set(one, fetchSource(one))
    await fetched.get(one)
    await Promise.all(sources.get(one)!.included.map(load))
  }
  await load(file)
}

async function fetchSource(file: string): Promise<void> {
  try {
    sources.set(file, sourceOf(await shaderText(file)))
  } catch (error) {
    fetched.delete(file) // the next call tries again
    throw error
  }
}

/** True if a loaded file includes another, itself or by a file that it includes. */
export const includes = (file: string, other: string): boolean =>
  sources.get(file)?.included.some(f => f === other || includes(f, other)) ?? false

/**
 * Gives a shader's text a file name, for an op of your own: kernels that are declared with this file run it. Called
 * before open(). It may include the engine's files, such as lib/strip.wgsl, and others that were given. The name of a
 * file of the engine puts the text in that one's place.
 */
export function addSource(file: string, text: string): void {
  fetched.set(file, Promise.resolve())
  sources.set(file, sourceOf(text))
}

/** The lines of a loaded file with its includes put in, each once, where it is first named; and where each stands. */
function splice(file: string, done = new Set<string>()): { readonly line: string; readonly place: string }[] {
  const source = sources.get(file)
  if (!source) throw new Error(`${file} is not loaded: open() must come after the import that declares its kernel`)
  done.add(file)
  return source.text.split('\n').flatMap((line, i) => {
    const other = INCLUDE.exec(line)?.[1]
    if (other !== undefined && !done.has(other)) return splice(other, done)
    return [{ line: other === undefined ? line : '', place: `${file}:${i + 1}` }]
  })
}

/** The place, `file:line`, of each line of specialise()'s text, from the last line on: it may begin with one more. */
export const placesFromEnd = (file: string): string[] =>
  splice(file)
    .map(({ place }) => place)
    .reverse()

/**
 * The text of a loaded file with its includes put in and its constants re-bound; with `half`, lib/tile.wgsl's tiles in
 * half precision. @throws on a constant that the file lacks.
 */
export function specialise(file: string, consts: Consts = {}, half = false): string {
  let code = splice(file)
    .map(({ line }) => line)
    .join('\n')
  for (const [name, value] of Object.entries(consts)) {
    const line = new RegExp(`^const ${name}: (\\w+) = [^;]+;`, 'm')
    if (!line.test(code)) throw new Error(`${file} has no line "const ${name}: type = value;"`)
    code = code.replace(line, `const ${name}: $1 = ${value};`)
  }
  if (half) {
    if (!code.includes('alias Stored = vec4f;')) throw new Error(`${file} has no line "alias Stored = vec4f;"`)
    code = `enable f16;\n${code.replace('alias Stored = vec4f;', 'alias Stored = vec4h;')}`
  }
  return code
}

/** The numbers of a text's `const NAME: type = value;` lines. */
export const constsIn = (code: string): Consts =>
  Object.fromEntries(
    [...code.matchAll(/^const (\w+): (?:u32|i32|f32) = ([^;]+);/gm)]
      .map(([, name, value]) => [name!, Number(value)] as const)
      .filter(([, value]) => Number.isFinite(value)),
  )

/** Reads from a shader's text what the host must know to launch it. @throws where there is no workgroup size. */
export function reflect(file: string, code: string): Reflection {
  const bindings = [
    ...code.matchAll(
      /@binding\((\d+)\) var<(?:storage, (read|read_write)|uniform)> (\w+)(: array<(?:u32|atomic<u32>)>)?/g,
    ),
  ].map(
    ([, index, access, name, u32]): Binding => ({
      index: Number(index),
      access: (access ?? 'uniform') as Binding['access'],
      name: name!,
      dtype: u32 ? 'u32' : 'f32',
    }),
  )
  const body = /struct Params \{([^}]*)\}/.exec(code)?.[1] ?? ''
  const params = [...body.matchAll(/(\w+): (u32|i32|f32)/g)].map(m => ({
    name: m[1]!,
    type: m[2] as 'u32' | 'i32' | 'f32',
  }))
  const size = /@workgroup_size\(([^)]*)\)/.exec(code)
  if (!size) throw new Error(`${file} has no @workgroup_size`)
  const number = (word: string): number => {
    const value = /^\d+$/.test(word) ? word : new RegExp(`^const ${word}: \\w+ = (\\d+)`, 'm').exec(code)?.[1]
    if (value === undefined)
      throw new Error(`${file}: @workgroup_size(${word}) is neither a number nor a const of the file`)
    return Number(value)
  }
  const [x = 1, y = 1, z = 1] = size[1]!.split(',').map(word => number(word.trim()))
  return { bindings, params, workgroup: [x, y, z], strip: Number(/^const STRIP: u32 = (\d+);/m.exec(code)?.[1] ?? 1) }
}
