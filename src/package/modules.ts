/** The package's modules: the sources by esbuild, small ones put into those that need them. */
import { readFileSync } from 'node:fs'
import { basename, dirname, join, relative, resolve } from 'node:path'
import { build, type OutputFile, type Plugin } from 'esbuild'
import { shadersInside } from './bundle.ts'
import { tight } from './wgsl.ts'

/** For each file the files that it imports, by their paths. */
type Imports = ReadonlyMap<string, readonly { readonly path: string; readonly dynamic: boolean }[]>

/** launch.ts and all of engine/ and gpu/ that it imports become one module: whoever computes needs them. */
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

/** CORE and all files of engine/ and gpu/ that it imports, also through one another, but those of `alone`. */
function coreOf(imports: Imports, root: string, alone: ReadonlySet<string>): Set<string> {
  const core = new Set([resolve(root, CORE)])
  // The loop also walks the files that it adds.
  for (const file of core)
    for (const { path } of imports.get(file)!)
      if (!alone.has(path) && /^(engine|gpu)[\\/]/.test(relative(root, path))) core.add(path)
  return core
}

/**
 * For each source file, the package module that contains it, by the source file that the module is made from. A file
 * that two would contain gets a module of its own, as its state must exist once: it is added to `alone`, and the search
 * starts over.
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

/** An import of a file that another package module contains becomes an import of that module. */
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

/** The address by which the file `from` imports the file `to`. */
function address(from: string, to: string): string {
  const path = relative(dirname(from), to).replaceAll('\\', '/')
  return path.startsWith('.') ? path : `./${path}`
}

/** The first file of the core, CORE, exports what all of its files export. */
const wholeCore = ([first, ...others]: readonly string[]): Plugin => ({
  name: 'whole core',
  setup({ onLoad }) {
    onLoad({ filter: new RegExp(`${basename(CORE)}$`) }, ({ path }) => {
      if (path !== first) return
      const exports = others.map(file => `export * from '${address(path, file)}'\n`)
      return { contents: readFileSync(path, 'utf8') + exports.join(''), loader: 'ts' }
    })
  },
})

/**
 * Builds the package's modules, minified, with source maps apart.
 *
 * Modules of their own are: `starts`; the core of the engine; files that the main entry imports, for there the kernels
 * are, and a bundler takes those that a page uses; files that use import.meta.url; files imported by import(); and
 * files that more than one of these would contain.
 *
 * @param root the folder of the sources.
 * @param starts the main entry first, the other entries, and files that no other file imports; below `root`.
 * @param outdir where they go, in the same sub-folders as in src/.
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
  const holder = holders(imports, alone, core) // adds to `alone`
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
