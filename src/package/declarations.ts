/**
 * Rolls the declarations of all entries up: one file declares all that they export and all that those declarations
 * name, and each entry becomes a list of names. Reads declarations as tsc writes them: a statement begins in the first
 * column.
 */
import { posix } from 'node:path'

/** A name of a module. */
interface Name {
  readonly file: string
  readonly name: string
}

interface Statement extends Name {
  /** Its doc comment and the end of that line, or nothing. */
  readonly doc: string
  readonly code: string
}

interface Module {
  readonly statements: ReadonlyMap<string, Statement>
  /** Names of others, as it calls them. */
  readonly imports: ReadonlyMap<string, Name>
  /** Exported names of others, as importers call them; `type` where it is no value for them. */
  readonly passedOn: ReadonlyMap<string, Name & { readonly type: boolean }>
}

const COMMENT = /(\/\*\*[\s\S]*?\*\/)/
const LINKS = /^(import|export)( type)? \{([^}]*)\} from '([^']+)';$/
const DECLARED = /^(?:export )?((?:declare )?(?:abstract )?(?:const|let|function|class|interface|type) )([\w$]+)/
/** An identifier, but none of `a.name`, `name: type`, `name?: type` and `name(): type`. */
const IDENTIFIER = /(?<![\w$#]|(?<!\.\.)\.)[A-Za-z_$][\w$]*(?!\??[:(]|[\w$])/g

/** The doc comments and statements of a text, in turn. */
function pieces(text: string): string[] {
  const found: string[] = []
  for (const line of text.trim().split('\n'))
    if (/^[^\s})\]]/.test(line)) found.push(line)
    else found.push(`${found.pop()}\n${line}`)
  return found
}

/** @throws on a statement of a kind that it does not know. */
function parse(file: string, text: string): Module {
  const statements = new Map<string, Statement>()
  const imports = new Map<string, Name>()
  const passedOn = new Map<string, Name & { type: boolean }>()
  const from = (path: string): string => posix.join(posix.dirname(file), path.replace(/\.[jt]s$/, '.d.ts'))
  // A type that is not imported stands where it is needed: import("./module.ts").Type
  const code = text.replace(/import\("(\.[^"]+)"\)\.(\w+)/g, (_, path: string, name: string) => {
    const ours = `${name}$${imports.size}`
    imports.set(ours, { file: from(path), name })
    return ours
  })
  let doc = ''
  for (const piece of pieces(code)) {
    const [, way, type, list, path] = LINKS.exec(piece) ?? []
    const name = DECLARED.exec(piece)?.[2]
    if (path !== undefined)
      for (const [, typeToo, theirs, ours] of list!.matchAll(/(type )?([\w$]+)(?: as ([\w$]+))?/g)) {
        const target = { file: from(path), name: theirs! }
        if (way === 'import') imports.set(ours ?? theirs!, target)
        else passedOn.set(ours ?? theirs!, { ...target, type: (type ?? typeToo) !== undefined })
      }
    else if (name !== undefined) {
      if (statements.has(name)) throw new Error(`${file}: the overloads of ${name} cannot be rolled up`)
      statements.set(name, { file, name, doc, code: piece })
    } else if (!piece.startsWith('/**') && piece !== 'export {};')
      throw new Error(`${file}: this cannot be rolled up: ${piece}`)
    doc = piece.startsWith('/**') ? `${piece}\n` : ''
  }
  return { statements, imports, passedOn }
}

/**
 * @param entries their files, in folders parted by '/'.
 * @param read the declarations of a file.
 * @param types the file that declares everything.
 * @returns the text of each entry and of `types`.
 * @throws on a statement that it cannot read, where an entry does more than to pass names on, and where an exported
 *   declaration names what no entry exports.
 */
export function rollUp(entries: readonly string[], read: (file: string) => string, types: string): Map<string, string> {
  const modules = new Map<string, Module>()
  const moduleOf = (file: string): Module => {
    const known = modules.get(file) ?? parse(file, read(file))
    modules.set(file, known)
    return known
  }
  /** The statement that a name of a module stands for. Names of TypeScript's own libraries have none. */
  const find = (file: string, name: string): Statement | undefined => {
    const { statements, imports, passedOn } = moduleOf(file)
    const other = imports.get(name) ?? passedOn.get(name)
    return statements.get(name) ?? (other && find(other.file, other.name))
  }

  const declared = new Map<string, Statement>()
  const names = new Map<Statement, string>()
  /** The name of a statement in `types`. A second Batch is Batch$1 there. */
  const nameOf = (one: Statement): string => {
    let name = names.get(one) ?? one.name
    for (let n = 1; !names.has(one) && declared.has(name); n++) name = `${one.name}$${n}`
    names.set(one, name)
    declared.set(name, one)
    return name
  }

  const texts = new Map<string, string>()
  const exported = new Set<Statement>()
  for (const entry of entries) {
    const { statements, passedOn } = moduleOf(entry)
    if (statements.size)
      throw new Error(`${entry} declares ${[...statements.keys()].join()}: it may only pass names on`)
    const list = [...passedOn].map(([name, other]) => {
      const one = find(other.file, other.name)
      if (!one) throw new Error(`${other.file} does not declare ${other.name}, which ${entry} passes on`)
      const ours = nameOf(one)
      exported.add(one)
      return `${other.type ? 'type ' : ''}${ours === name ? name : `${ours} as ${name}`}`
    })
    const up = posix.relative(posix.dirname(entry), '.')
    texts.set(entry, `export { ${list.join(', ')} } from '${up || '.'}/${types.replace('.d.ts', '.js')}';\n`)
  }

  let all = ''
  // The map grows while it is walked: a statement adds those that it names.
  for (const [ours, { file, doc, code }] of declared) {
    const renamed = code.split(COMMENT).map(part => {
      if (part.startsWith('/**')) return part
      return part.replace(IDENTIFIER, word => {
        const other = find(file, word)
        return other ? nameOf(other) : word
      })
    })
    all += `${doc}${renamed.join('').replace(DECLARED, (_, kind: string) => `export ${kind}${ours}`)}\n`
  }
  const hidden = [...declared.values()].filter(one => !exported.has(one)).map(({ file, name }) => `${name} of ${file}`)
  if (hidden.length) throw new Error(`exported declarations name what no entry exports: ${hidden.join(', ')}`)
  return texts.set(types, all)
}
