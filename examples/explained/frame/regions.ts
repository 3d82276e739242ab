/**
 * Regions of source files, which chapters show: `<!-- src/tasn/trilinear.ts#trilinearAttention -->` stands right before
 * a block of code, and the block is that region, letter by letter.
 */
import { existsSync, readFileSync } from 'node:fs'
import { ROOT } from './book.ts'

/** A comment that names a region: a path from the root on, and a name in it. */
export const MARKER = /^<!-- ([\w./-]+\.\w+)(?:#([\w.]+))? -->$/
const INCLUDE = /^(<!-- ([\w./-]+\.\w+)(?:#([\w.]+))? -->)\n(?:(```+)\w*\n[\s\S]*?^\4$)?/gm

/** A comment before a declaration, or a part of one. */
const isLeading = (line: string): boolean => /^(\/\/|\/\*\*| \*|@)/.test(line)
/** A line with which the next declaration of a formatted file begins: neither indented nor a closing bracket. */
const begins = (line: string): boolean => /^[^\s)}\]]/.test(line)

/** The lines of the declaration that a pattern finds, with the comment right before it. */
function declaration(lines: readonly string[], pattern: RegExp): string[] | undefined {
  const at = lines.findIndex(line => pattern.test(line))
  if (at < 0) return undefined
  let from = at
  while (from > 0 && isLeading(lines[from - 1]!)) from--
  let to = at + 1
  while (to < lines.length && !begins(lines[to]!)) to++
  while (lines[to - 1] === '') to--
  return lines.slice(from, to)
}

const TOP = (name: string): RegExp =>
  new RegExp(
    '^(?:export )?(?:declare )?(?:abstract )?(?:async )?' +
      '(?:(?:function\\*?|const|let|class|interface|type|fn|struct|alias) ' +
      `|var<\\w+> |override )${name}\\b`,
  )
const MEMBER = (name: string): RegExp =>
  new RegExp(`^(?:(?:readonly|static|async|get|set|override) |\\*)*#?${name}[?!]?[(:<= ]`)

/**
 * A region of a file: a declaration at its top with the comment before it (`#name`), a member of an interface or a
 * class with its own comment (`#Name.member`), or the whole file (no name). TypeScript and WGSL.
 *
 * @throws where the file has no such name.
 */
export function regionOf(text: string, path: string, name?: string): string {
  if (!name) return text.trimEnd()
  const [outer, member] = name.split('.') as [string, string?]
  const whole = declaration(text.trimEnd().split('\n'), TOP(outer))
  if (!whole) throw new Error(`${path} declares no ${outer} at its top`)
  if (!member) return whole.join('\n')
  const inside = declaration(
    whole.slice(whole.findIndex(line => TOP(outer).test(line)) + 1, -1).map(line => line.replace(/^ {2}/, '')),
    MEMBER(member),
  )
  if (!inside) throw new Error(`${outer} of ${path} has no ${member}`)
  return inside.join('\n')
}

/** The region that a marker names. @throws where there is no such file or name. */
export function read(path: string, name?: string): string {
  if (!existsSync(`${ROOT}${path}`)) throw new Error(`there is no file ${path}`)
  return regionOf(readFileSync(`${ROOT}${path}`, 'utf8'), path, name)
}

/** A chapter whose blocks are the regions as they are now. A marker without a block gets one. */
export const refreshed = (chapter: string): string =>
  chapter.replace(INCLUDE, (_, marker: string, path: string, name?: string) => {
    const code = read(path, name)
    const fence = code.includes('```') ? '````' : '```'
    return `${marker}\n${fence}${path.split('.').at(-1)}\n${code}\n${fence}${''}`
  })

/** The regions that a chapter shows, as `path` or `path#name`. */
export const regionsIn = (chapter: string): string[] =>
  [...chapter.matchAll(INCLUDE)].map(([, , path, name]) => (name ? `${path}#${name}` : path!))
