/** package.json of the published package, made from the repository's own. */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

interface PackageJson {
  readonly name: string
  readonly version: string
  readonly description: string
  readonly license: string
  readonly engines: Readonly<Record<string, string>>
  readonly exports: Readonly<Record<string, string>>
  readonly dependencies: Readonly<Record<string, string>>
}

/** The repository's folder. */
export const ROOT = fileURLToPath(new URL('../../', import.meta.url))
/** The one file for pages without a bundler. */
export const BROWSER_FILE = 'tasn-webgpu.min.js'
/** Source maps are in this folder of dist/, which is not packed. */
export const MAPS = 'maps'

const read = (): PackageJson => JSON.parse(readFileSync(`${ROOT}package.json`, 'utf8')) as PackageJson

/** The entries: their sources below src/, by the names that users import. */
export const entries = (): ReadonlyMap<string, string> =>
  new Map(Object.entries(read().exports).map(([name, file]) => [name, file.replace('./src/', '')]))

/** Packages that a part of the package needs. They are optional: whoever uses that part installs them. */
const PARTS = ['webgpu', 'sharp', 'pngjs']

/** The fields of the published package.json. */
export function manifest(): Record<string, unknown> {
  const { name, version, description, license, engines, dependencies } = read()
  const built = (file: string) => ({
    types: `./${file.replace('.ts', '.d.ts')}`,
    default: `./${file.replace('.ts', '.js')}`,
  })
  return {
    name,
    version,
    description,
    keywords: ['webgpu', 'wgsl', 'tensor', 'autograd', 'deep-learning', 'fine-grained', 'attention', 'tasn'],
    license,
    type: 'module',
    engines,
    // A module does nothing when it is imported but declare its own kernels.
    sideEffects: false,
    exports: {
      ...Object.fromEntries([...entries()].map(([entry, file]) => [entry, built(file)])),
      './browser': { types: './index.d.ts', default: `./${BROWSER_FILE}` },
      './package.json': './package.json',
    },
    // Bundlers put nothing in its place: a page has WebGPU of its own.
    browser: { webgpu: false },
    unpkg: `./${BROWSER_FILE}`,
    jsdelivr: `./${BROWSER_FILE}`,
    files: ['**/*.js', '**/*.d.ts'],
    peerDependencies: Object.fromEntries(PARTS.map(part => [part, `^${dependencies[part]}`])),
    peerDependenciesMeta: Object.fromEntries(PARTS.map(part => [part, { optional: true }])),
  }
}
