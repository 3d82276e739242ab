/** The texts of all shaders, as a module for bundles and for the package. */
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { slim } from './wgsl.ts'

const SHADERS = new URL('../../shaders/', import.meta.url)

/** All shader files, from the path below shaders/ to the text. */
export const shaderTexts = (): Readonly<Record<string, string>> =>
  Object.fromEntries(
    readdirSync(SHADERS, { recursive: true, encoding: 'utf8' })
      .map(file => file.replaceAll('\\', '/'))
      .filter(file => file.endsWith('.wgsl'))
      .sort()
      .map(file => [file, readFileSync(fileURLToPath(new URL(file, SHADERS)), 'utf8')]),
  )

/** Rungs of one idea are alike in all passes of a convolution: side by side they compress better. */
const likeness = (file: string): string =>
  /^(conv2d|matmul)/.test(file) ? `~${file.replace(/^.*\/(\d+_)?/, '')} ${file}` : file

/**
 * The JavaScript that takes the place of gpu/shader_text.ts.
 * @param shorten slim(), which leaves what people can read, or tight().
 */
export function shaderModule(shorten: (text: string) => string = slim): string {
  const texts = Object.entries(shaderTexts())
    .sort(([a], [b]) => (likeness(a) < likeness(b) ? -1 : 1))
    .map(([file, text]) => [file, shorten(text)])
  return `/** The texts of all shaders. */
const texts = ${JSON.stringify(Object.fromEntries(texts))}
export async function shaderText(file) {
  const text = texts[file]
  if (text === undefined) throw new Error('there is no shader ' + file)
  return text
}
`
}
