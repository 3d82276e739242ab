/** The text files of CUB_200_2011 as tables: one line a row, keyed by id. */
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { hasControl, quote, throwIfAny } from '../problems.ts'
import { readText } from './text.ts'

/** Rows by key, which is a row's leading ids joined by a space: the number of the line, from 1, and its fields. */
export type Table = Map<string, { line: number; fields: string[] }>

/** The form of a table's lines: in words, and as a pattern with one group a field. The first `keys` fields are ids. */
interface TableForm {
  form: string
  pattern: RegExp
  keys: number
}

const ID = '(\\d{1,15})'
const WORD = '(\\S+)'
const TEXT = '(\\S.*)'
const table = (form: string, fields: string[], keys = 1): TableForm => ({
  form,
  pattern: new RegExp(`^${fields.join('\\s+')}$`),
  keys,
})
/** The lists that must be there. */
export const REQUIRED = {
  'images.txt': table('<image id> <path>', [ID, TEXT]),
  'image_class_labels.txt': table('<image id> <class id>', [ID, ID]),
  'train_test_split.txt': table('<image id> <1 for train, 0 for test>', [ID, WORD]),
  'classes.txt': table('<class id> <name>', [ID, TEXT]),
}
const FORMS = {
  ...REQUIRED,
  'bounding_boxes.txt': table('<image id> <x> <y> <width> <height>', [ID, WORD, WORD, WORD, WORD]),
  'parts/parts.txt': table('<part id> <name>', [ID, TEXT]),
  'parts/part_locs.txt': table('<image id> <part id> <x> <y> <visible, 0 or 1>', [ID, ID, WORD, WORD, '([01])'], 2),
}
export type Tables = Record<keyof typeof FORMS, Table>

/**
 * Reads all tables of the data set in `root`. Optional ones that are absent are empty. Adds a problem for every bad
 * line.
 *
 * @throws DataError if a table that must be there is not: nothing could be joined then, and a problem for every image
 *   would bury the cause.
 */
export async function readTables(root: string, problems: string[]): Promise<Tables> {
  const missing: string[] = []
  const tables: Partial<Tables> = {}
  for (const [name, form] of Object.entries(FORMS) as [keyof Tables, TableForm][]) {
    const required = name in REQUIRED
    const text = await readText(join(root, name)).then(
      found => {
        if (found === undefined && required) missing.push(`${name} is missing; expected lines "${form.form}"`)
        return found
      },
      (error: Error) => void missing.push(`${name} cannot be read (${error.message})`),
    )
    tables[name] = parseTable(name, text ?? '', form, problems)
    if (required && text?.trim() === '') problems.push(`${name} is empty; expected lines "${form.form}"`)
  }
  const images = await stat(join(root, 'images')).catch(() => undefined)
  if (!images?.isDirectory()) missing.push('images/ is missing; the paths in images.txt start from it')
  throwIfAny([...missing, ...(missing.length ? problems : [])], `${root} has not the whole layout of CUB_200_2011`)
  return tables as Tables
}

/** Reads the text of one table. Line ends may be any, blank lines are skipped. Adds a problem for every bad line. */
function parseTable(name: string, text: string, { form, pattern, keys }: TableForm, problems: string[]): Table {
  const table: Table = new Map()
  // A byte order mark counts as white space, for trim().
  for (const [i, untrimmed] of text.split(/\r\n|\n|\r/).entries()) {
    const content = untrimmed.trim()
    if (!content) continue
    const line = i + 1
    const fields = pattern.exec(content)?.slice(1)
    const key = fields?.slice(0, keys).map(Number).join(' ')
    const first = key === undefined ? undefined : table.get(key)
    if (!fields || key === undefined) problems.push(`${name}:${line}: expected "${form}", found ${quote(content)}`)
    else if (hasControl(content)) problems.push(`${name}:${line}: control characters in ${quote(content)}; remove them`)
    else if (first)
      problems.push(`${name}:${line}: id ${key} was already given on line ${first.line}; remove one of the two`)
    else table.set(key, { line, fields })
  }
  return table
}
