/** The three files of the chapter, from the blocks of code that have them in a Markdown text. */

export interface Files {
  readonly shader: string
  readonly op: string
  readonly test: string
}

/** Their places in the repository. */
export const PLACES: Files = {
  shader: 'shaders/gelu/gelu.wgsl',
  op: 'src/ops/gelu.ts',
  test: 'test/ops/gelu.test.ts',
}

/** How each of them begins. */
export const BEGINNINGS: Files = { shader: '// gelu/gelu ', op: '/** GELU ', test: '/** gelu against ' }

/** @throws where one of them is missing. */
export function filesIn(markdown: string): Files {
  const blocks = [...markdown.matchAll(/^```\w+\n([\s\S]*?)^```$/gm)].map(([, code]) => code!)
  const block = (start: string): string => {
    const found = blocks.find(code => code.startsWith(start))
    if (!found) throw new Error(`no block of code begins with ${start}`)
    return found
  }
  return { shader: block(BEGINNINGS.shader), op: block(BEGINNINGS.op), test: block(BEGINNINGS.test) }
}
