/** The package's modules: the sources by esbuild, small ones put into the only one that needs them. */
import { readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { build, type OutputFile, type Plugin } from 'esbuild'
import { shadersInside } from './bundle.ts'
import { tight } from './wgsl.ts'

/** Paths of files, and for each of those that it imports. */
type Imports = ReadonlyMap<string, readonly { readonly path: string; readonly dynamic: boolean }[]>

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

/**
 * The module of the package that holds a module of the sources, for all of them. A module that two hold stands alone,
 * for what it keeps is there once.
 */
function holders(imports: Imports, alone: Set<string>): ReadonlyMap<string, string> {
  const holder = new Map<string, string>()
  const hold = (file: string, by: string): boolean => {
    holder.set(file, by)
    return imports.get(file)!.every(({ path }) => {
      if (alone.has(path) || holder.get(path) === by) return true
      if (!holder.has(path)) return hold(path, by)
      alone.add(path)
      return false
    })
  }
  return [...alone].every(file => hold(file, file)) ? holder : holders(imports, alone)
}

/** Modules that stand alone are imported from where they will be. */
const standingAlone = (holder: ReadonlyMap<string, string>): Plugin => ({
  name: 'standing alone',
  setup({ onResolve }) {
    onResolve({ filter: /^\./ }, ({ path, resolveDir, importer, kind }) => {
      const file = join(resolveDir, path)
      if (kind === 'entry-point' || holder.get(file) !== file) return
      const to = relative(dirname(holder.get(importer)!), file)
        .replaceAll('\\', '/')
        .replace(/\.ts$/, '.js')
      return { path: to.startsWith('.') ? to : `./${to}`, external: true }
    })
  },
})

/**
 * Builds them, minified, with source maps apart.
 *
 * Alone stand: `starts`; what the first of them exports from, for there the kernels are, and a bundler takes those that
 * a page uses; what knows its own address; what is loaded late; and what more than one of these needs.
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
    for (const { path, dynamic } of list) if (dynamic || file === main) alone.add(path)
  }
  const holder = holders(imports, alone)
  const { outputFiles } = await build({
    ...SHARED,
    entryPoints: [...alone],
    outbase: root,
    outdir,
    minify: true,
    target: 'es2023',
    sourcemap: 'external',
    plugins: [standingAlone(holder), shadersInside(tight)],
  })
  return outputFiles
}
