/** The libraries that a page can measure: bundles of those that are installed in bench/peers/node_modules. */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { bundle } from '../../src/package/bundle.ts'

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))
const LIBRARIES = [
  { name: 'TensorFlow.js', packages: ['@tensorflow/tfjs', '@tensorflow/tfjs-backend-webgpu'], file: 'tfjs_page' },
  { name: 'jax-js', packages: ['@jax-js/jax'], file: 'jax_page' },
]

/**
 * Puts a module of each installed library into `peers/` of a site, and the list of them into `peers/list.json`.
 * @param installed the folder of packages; the one of `npm run bench:peers` unless given.
 */
export async function bundlePeers(site: string, installed = here('./node_modules')): Promise<void> {
  const there = LIBRARIES.filter(l => l.packages.every(p => existsSync(`${installed}/${p}/package.json`)))
  mkdirSync(`${site}/peers`, { recursive: true })
  await bundle({
    entryPoints: there.map(l => here(`./${l.file}.mjs`)),
    outdir: `${site}/peers`,
    minify: true,
    splitting: true,
    nodePaths: [installed],
  })
  writeFileSync(
    `${site}/peers/list.json`,
    `${JSON.stringify(there.map(l => ({ name: l.name, file: `${l.file}.js` })))}\n`,
  )
}
