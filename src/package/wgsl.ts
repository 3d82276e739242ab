/**
 * WGSL made shorter. The tokens stay the same, and so does the compiled code (test/packed_shaders.test.ts).
 * So do the lines that gpu/shader.ts and gpu/variant.ts read: constants, bindings, struct Params, includes.
 */

/**
 * A text without the lines that only readers need: comments, empty lines, indentation. An `// #include` line stays, but
 * for its remark.
 */
export const slim = (text: string): string =>
  text
    .split('\n')
    .map(line =>
      line
        .replace(/^(\/\/ #include "[^"]+").*$/, '$1')
        .replace(/(?:^|\s+)\/\/(?! #include).*$/, '')
        .trim(),
    )
    .filter(line => line !== '')
    .join('\n')

/** Declarations that the host reads line by line, and changes. */
const READ_BY_HOST = /^struct Params \{[^}]*\}|^(?:const|alias|enable|@group|\/\/ #include).*/gm

/** slim(), and all other lines become one, with no space in it that the tokens do not need. */
export function tight(text: string): string {
  const code = slim(text)
  const lines: string[] = []
  let end = 0
  for (const { 0: kept, index } of code.matchAll(READ_BY_HOST)) {
    lines.push(joined(code.slice(end, index)), kept.replaceAll('\n', ' '))
    end = index + kept.length
  }
  return [...lines, joined(code.slice(end))].filter(line => line !== '').join('\n')
}

const joined = (code: string): string =>
  code.trim().replace(/\s+/g, (space, at: number, all: string) => between(all[at - 1]!, all[at + space.length]!))

/** A space stays between two words or numbers, and between two operators, which could become one. */
const between = (before: string, after: string): string =>
  [/[\w.]/, /[-+*/%<>=!&|^~]/].some(kind => kind.test(before) && kind.test(after)) ? ' ' : ''
