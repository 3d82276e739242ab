/**
 * The texts of shader files, as they lie in the repository. In a bundle there are no such files: package/bundle.ts puts
 * a module with all texts in this one's place.
 */

/** The text of a file below shaders/. @throws where it cannot be read. */
export async function shaderText(file: string): Promise<string> {
  const url = new URL(`../../shaders/${file}`, import.meta.url)
  if (url.protocol === 'file:') return process.getBuiltinModule('node:fs/promises').readFile(url, 'utf8')
  const response = await fetch(url)
  if (!response.ok) throw new Error(`${url}: ${response.status} ${response.statusText}`)
  return response.text()
}
