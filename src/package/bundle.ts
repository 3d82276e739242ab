/** Bundles for browsers: the sources from one entry on, shaders inside, by esbuild. */
import { type BuildOptions, type BuildResult, build, type Plugin } from 'esbuild'
import { shaderModule } from './shaders.ts'
import { slim } from './wgsl.ts'

/** Puts the module with all texts in the place of gpu/shader_text.ts. */
export const shadersInside = (shorten: typeof slim): Plugin => ({
  name: 'shaders inside',
  setup({ onLoad }) {
    const contents = shaderModule(shorten)
    onLoad({ filter: /[\\/]gpu[\\/]shader_text\.(ts|js)$/ }, () => ({ contents, loader: 'js' }))
  },
})

/** Puts nothing in the place of npm `webgpu`. */
const withoutDawn: Plugin = {
  name: 'without Dawn',
  setup({ onLoad, onResolve }) {
    onResolve({ filter: /^webgpu$/ }, ({ path }) => ({ path, namespace: 'none' }))
    onLoad({ filter: /.*/, namespace: 'none' }, () => ({ contents: 'export {}', loader: 'js' }))
  },
}

/**
 * Bundles for browsers, as ES modules. A module of Node behind an entry is an error, and so is a warning.
 * @param options esbuild's own: entry points, where to write, whether to minify.
 * @param shorten how the shaders' texts are shortened: slim() or tight().
 * @throws naming the import that no browser has.
 */
export async function bundle(options: BuildOptions, shorten = slim): Promise<BuildResult> {
  const result = await build({
    bundle: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    logLevel: 'silent',
    legalComments: 'none',
    ...options,
    plugins: [shadersInside(shorten), withoutDawn, ...(options.plugins ?? [])],
  })
  const [warning] = result.warnings
  if (warning) throw new Error(`${warning.text} (${warning.location?.file})`)
  return result
}
