/** The package's modules: the sources by esbuild, small ones put into those that need them. */
import { readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { build, type OutputFile, type Plugin, transform } from 'esbuild'
import { shadersInside } from './bundle.ts'
import { tight } from './wgsl.ts'

/** For each file the files that it imports, by their paths. */
type Imports = ReadonlyMap<string, readonly { readonly path: string; readonly dynamic: boolean }[]>

/** A file to be written. */
export type Written = Pick<OutputFile, 'path' | 'text'>

/** These and all of engine/ and gpu/ that they import become one module, the first: whoever computes needs them. */
const CORE = ['engine/launch.ts', 'engine/open.ts', 'engine/tape.ts']

/** Each becomes one module with others of its folder: a bundler takes those functions of it that a page uses. */
const JOINED = ['engine/plan.ts', 'io/safetensors.ts', 'nn/module.ts', 'tasn/network.ts']

/** True of a file with kernels: a bundler takes them all, used or not. */
const hasKernels = (file: string): boolean => /\b(?:kernel|ladder|strips\w*)[<(]/.test(readFileSync(file, 'utf8'))

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

/** Files and all that they import, also through one another, as far as `follow` says. */
function reached(imports: Imports, starts: readonly string[], follow = (_path: string): boolean => true): Set<string> {
  const found = new Set(starts)
  // The loop also walks the files that it adds.
  for (const file of found) for (const { path } of imports.get(file)!) if (follow(path)) found.add(path)
  return found
}

/**
 * For each source file, the package module that contains it, by that module's first source file.
 *
 * @param shown files whose exports other modules may import. One that two modules would contain is added, as its state
 *   must exist once, and the search starts over.
 * @param moduleOf the module of such a file.
 */
function holders(
  imports: Imports,
  shown: Set<string>,
  moduleOf: (file: string) => string,
): ReadonlyMap<string, string> {
  const holder = new Map([...shown].map(file => [file, moduleOf(file)]))
  const hold = (file: string, by: string): boolean => {
    holder.set(file, by)
    return imports.get(file)!.every(({ path }) => {
      if (shown.has(path) || holder.get(path) === by) return true
      if (!holder.has(path)) return hold(path, by)
      shown.add(path)
      return false
    })
  }
  return [...holder].every(([file, by]) => hold(file, by)) ? holder : holders(imports, shown, moduleOf)
}

/** An import of a file that another package module contains becomes an import of that module. */
const standingAlone = (holder: ReadonlyMap<string, string>): Plugin => ({
  name: 'standing alone',
  setup({ onResolve }) {
    onResolve({ filter: /^\./ }, ({ path, resolveDir, importer, kind }) => {
      const [at, by] = [holder.get(join(resolveDir, path)), holder.get(importer)]
      if (kind === 'entry-point' || at === undefined || at === by) return
      return { path: address(by!, at), external: true }
    })
  },
})

/** The address by which the module of the file `from` imports that of the file `to`. */
function address(from: string, to: string): string {
  const path = relative(dirname(from), to).replaceAll('\\', '/').replace(/\.ts$/, '.js')
  return path.startsWith('.') ? path : `./${path}`
}

/** `whole:file` is a module: it exports what those of its files export that are shown. */
const wholeModules = (shown: ReadonlySet<string>, moduleOf: (file: string) => string): Plugin => ({
  name: 'whole modules',
  setup({ onLoad, onResolve }) {
    onResolve({ filter: /^whole:/ }, ({ path }) => ({ path: path.replace('whole:', ''), namespace: 'whole' }))
    onLoad({ filter: /.*/, namespace: 'whole' }, ({ path }) => {
      const files = [...shown].filter(file => moduleOf(file) === path)
      const exports = files.map(file => `export * from ${JSON.stringify(file)}\n`)
      return { contents: exports.join(''), resolveDir: dirname(path) }
    })
  },
})

/** The module of an entry that only passes names on. A bundle would list them twice: as imports, and as exports. */
async function listOf(file: string, holder: ReadonlyMap<string, string>): Promise<string> {
  const { code } = await transform(readFileSync(file, 'utf8'), { loader: 'ts', minify: true })
  return code.replace(/"(\.[^"]+)"/g, (_, path) => `"${address(file, holder.get(join(dirname(file), path))!)}"`)
}

/**
 * Builds the package's modules, minified, with source maps apart.
 *
 * Modules of their own are: `starts`; the core of the engine; files that the main entry imports, for there the kernels
 * are, and a bundler takes those that a page uses; files that use import.meta.url; files imported by import(); and
 * files that more than one of these would contain. Of a folder that is JOINED, those without kernels are one, but for
 * files that a start without the engine needs: its threads and pages load no engine.
 *
 * @param root the folder of the sources.
 * @param starts the main entry first, the other entries, and files that no other file imports; below `root`.
 * @param outdir where they go, in the same sub-folders as in src/.
 */
export async function buildModules(
  root: string,
  starts: readonly string[],
  outdir: string,
): Promise<readonly Written[]> {
  const alone = new Set(starts.map(file => resolve(root, file)))
  const [main] = alone
  const imports = await importsOf([...alone])
  const ofStarts = [...alone].map(start => reached(imports, [start]))
  for (const [file, list] of imports) {
    if (readFileSync(file, 'utf8').includes('import.meta.url')) alone.add(file)
    for (const { path, dynamic } of list) if (dynamic) alone.add(path)
  }
  const begin = CORE.map(file => resolve(root, file))
  const ofEngine = (path: string): boolean => !alone.has(path) && /^(engine|gpu)[\\/]/.test(relative(root, path))
  const core = reached(imports, begin, ofEngine)
  const light = new Set(ofStarts.filter(files => !files.has(begin[0]!)).flatMap(files => [...files]))
  const joined = new Map(JOINED.map(file => [dirname(resolve(root, file)), resolve(root, file)]))
  const moduleOf = (file: string): string => {
    if (core.has(file)) return begin[0]!
    return (!alone.has(file) && !light.has(file) && !hasKernels(file) && joined.get(dirname(file))) || file
  }
  const shown = new Set([...begin, ...alone, ...imports.get(main!)!.map(({ path }) => path)])
  const holder = holders(imports, shown, moduleOf) // adds to `shown`
  const { outputFiles } = await build({
    ...SHARED,
    entryPoints: [...new Set([...shown].filter(file => file !== main).map(moduleOf))].map(file => ({
      in: `whole:${file}`,
      out: relative(root, file).replace(/\.ts$/, ''),
    })),
    outdir,
    minify: true,
    target: 'es2023',
    sourcemap: 'external',
    plugins: [wholeModules(shown, moduleOf), standingAlone(holder), shadersInside(tight)],
  })
  return [
    ...outputFiles,
    { path: join(outdir, relative(root, main!)).replace(/ts$/, 'js'), text: await listOf(main!, holder) },
  ]
}
