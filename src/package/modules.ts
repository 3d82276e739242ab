/** The package's modules: the sources by esbuild, small ones put into those that need them. */
import { readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { build, type OutputFile, type Plugin } from 'esbuild'
import { shadersInside } from './bundle.ts'
import { tight } from './wgsl.ts'

/** Paths of files, and for each of those that it imports. */
type Imports = ReadonlyMap<string, readonly { readonly path: string; readonly dynamic: boolean }[]>

/** Whoever computes needs it, and what it imports: with those it becomes one module. */
const CORE = 'engine/launch.ts'

const SHARED = { bundle: true, format: 'esm', platform: 'node', packages: 'external', write: false } as const

async function importsOf(starts: readonly string[]): Promise<Imports> {
  const { metafile } = await build({ ...SHARED, entryPoints: [...starts], metafile: true, outdir: '.' })
  return new Map(
    Object.entries(metafile.inputs).map(([file, { imports }]) => [
      resolve(file),
      imports
        .filter(({ external }) => !external)
        .map(({ path, kind }) => ({ path: resolve(path), dynamic: kind === 'dynamic-import' })),
    ]),
  )
}

/** CORE and all that it needs of the engine, but what stands alone. */
function coreOf(imports: Imports, root: string, alone: ReadonlySet<string>): Set<string> {
  const core = new Set([resolve(root, CORE)])
  for (const file of core)
    for (const { path } of imports.get(file)!)
      if (!alone.has(path) && /^(engine|gpu)[\\/]/.test(relative(root, path))) core.add(path)
  return core
}

/**
 * The module of the package that holds a module of the sources, for all of them. A module that two hold stands alone,
 * for what it keeps is there once.
 */
function holders(imports: Imports, alone: Set<string>, core: ReadonlySet<string>): ReadonlyMap<string, string> {
  const [first] = core
  const holder = new Map([...core].map(file => [file, first!]))
  const hold = (file: string, by: string): boolean => {
    holder.set(file, by)
    return imports.get(file)!.every(({ path }) => {
      if (alone.has(path) || core.has(path) || holder.get(path) === by) return true
      if (!holder.has(path)) return hold(path, by)
      alone.add(path)
      return false
    })
  }
  const held = [...core].every(file => hold(file, first!)) && [...alone].every(file => hold(file, file))
  return held ? holder : holders(imports, alone, core)
}

/** Modules that others hold are imported from where they will be. */
const standingAlone = (holder: ReadonlyMap<string, string>): Plugin => ({
  name: 'standing alone',
  setup({ onResolve }) {
    onResolve({ filter: /^\./ }, ({ path, resolveDir, importer, kind }) => {
      const [at, by] = [holder.get(join(resolveDir, path)), holder.get(importer)]
      if (kind === 'entry-point' || at === undefined || at === by) return
      return { path: address(by!, at).replace(/\.ts$/, '.js'), external: true }
    })
  },
})

/** The address of a module in another one's import. */
function address(from: string, to: string): string {
  const path = relative(dirname(from), to).replaceAll('\\', '/')
  return path.startsWith('.') ? path : `./${path}`
}

/** The first module of the core exports what all of them do. */
const wholeCore = ([first, ...others]: readonly string[]): Plugin => ({
  name: 'whole core',
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]launch\.ts$/ }, ({ path }) => {
      if (path !== first) return
      const exports = others.map(file => `export * from '${address(path, file)}'\n`)
      return { contents: readFileSync(path, 'utf8') + exports.join(''), loader: 'ts' }
    })
  },
})

/**
 * Builds them, minified, with source maps apart.
 *
 * Alone stand: `starts`; the core of the engine; what the first of them exports from, for there the kernels are, and a
 * bundler takes those that a page uses; what knows its own address; what is loaded late; and what more than one of
 * these needs.
 *
 * @param root the folder of the sources.
 * @param starts the package's entry, its other entries, and what nothing imports; below `root`.
 * @param outdir where they will be, in the folders of the sources.
 */
export async function buildModules(
  root: string,
  starts: readonly string[],
  outdir: string,
): Promise<readonly OutputFile[]> {
  const alone = new Set(starts.map(file => resolve(root, file)))
  const [main] = alone
  const imports = await importsOf([...alone])
  for (const [file, list] of imports) {
    if (readFileSync(file, 'utf8').includes('import.meta.url')) alone.add(file)
    for (const { path, dynamic } of list) if (dynamic) alone.add(path)
  }
  const core = coreOf(imports, root, alone)
  for (const { path } of imports.get(main!)!) if (!core.has(path)) alone.add(path)
  const holder = holders(imports, alone, core)
  const { outputFiles } = await build({
    ...SHARED,
    entryPoints: [...alone, resolve(root, CORE)],
    outbase: root,
    outdir,
    minify: true,
    target: 'es2023',
    sourcemap: 'external',
    plugins: [standingAlone(holder), wholeCore([...core]), shadersInside(tight)],
  })
  return outputFiles
}
