/** The texts of all shaders, as a module for bundles and for the package. */
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const SHADERS = new URL('../../shaders/', import.meta.url)

/**
 * A text without the lines that only readers need: comments, empty lines, indentation. `// #include` lines are
 * comments, too, and stay. The compiled code is the same.
 */
export const slim = (text: string): string =>
  text
    .split('\n')
    .map(line => line.replace(/(?:^|\s+)\/\/(?! #include).*$/, '').trim())
    .filter(line => line !== '')
    .join('\n')

/** All shader files, from the path below shaders/ to the text. */
export const shaderTexts = (): Readonly<Record<string, string>> =>
  Object.fromEntries(
    readdirSync(SHADERS, { recursive: true, encoding: 'utf8' })
      .map(file => file.replaceAll('\\', '/'))
      .filter(file => file.endsWith('.wgsl'))
      .sort()
      .map(file => [file, readFileSync(fileURLToPath(new URL(file, SHADERS)), 'utf8')]),
  )

/** The JavaScript that takes the place of gpu/shader_text.ts. */
export const shaderModule = (texts = shaderTexts()): string => `/** The texts of all shaders. */
const texts = ${JSON.stringify(Object.fromEntries(Object.entries(texts).map(([file, text]) => [file, slim(text)])))}
export async function shaderText(file) {
  const text = texts[file]
  if (text === undefined) throw new Error('there is no shader ' + file)
  return text
}
`
