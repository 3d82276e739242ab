/**
 * src/tasn/README.md: each equation stands there once and leads to a function, a shader and a test that are there, and
 * each field of TasnConfig of which something is published has its row, with the value that it has here.
 */
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { TASN_DEFAULTS } from '../src/tasn/config.ts'
import { PRESETS } from '../src/train/presets.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const PAGE = 'src/tasn/README.md'
const read = (file: string): string => readFileSync(join(root, file), 'utf8')
const page = read(PAGE)

/** The cells of a table's rows, found by the heading of its first column. */
function table(heading: string): string[][] {
  const lines = page.split('\n')
  const start = lines.findIndex(l => l.startsWith(`| ${heading} |`))
  assert.ok(start >= 0, `${PAGE} has no table that begins with ${heading}`)
  const end = lines.findIndex((l, i) => i > start && !l.startsWith('|'))
  return lines.slice(start + 2, end).map(l => l.slice(2, -2).split(' | '))
}
/** The files of the repository that a cell links to. */
const linked = (cell: string): string[] =>
  [...cell.matchAll(/\]\(([^):]+)\)/g)].map(([, to]) => normalize(join(dirname(PAGE), to!)))

const t = suite('equations')

t('each equation of section 3 stands on the page once', () => {
  const equations = table('equation').map(([equation]) => equation!)
  assert.is(new Set(equations).size, equations.length)
  for (const part of [
    'M_b(X) =',
    'M(X) =',
    'I_s =',
    'I_d =',
    'F_x(n) =',
    'F_y(n) =',
    'S(I, A)_{i,j} =',
    'q =',
    'L_{soft}(q_s, q_d) =',
    'L(I_s) =',
  ])
    assert.is(page.split(`$${part}`).length, 2, `$${part}`)
  assert.is(equations.length, 10)
})

t('each equation leads to functions, shaders and a test', () => {
  for (const [equation, , functions, shaders, test] of table('equation') as [
    string,
    string,
    string,
    string,
    string,
  ][]) {
    const [source] = linked(functions)
    const names = [...functions.matchAll(/`(\w+)\(\)`/g)].map(([, name]) => name!)
    assert.ok(source && names.length, `${equation}: no function`)
    for (const name of names)
      assert.match(read(source), new RegExp(`^export (?:function|const) ${name}\\b`, 'm'), `${source} has no ${name}()`)
    assert.ok(linked(shaders).length, `${equation}: no shader`)
    for (const shader of linked(shaders)) {
      assert.match(shader, /^shaders\/.*\.wgsl$/)
      assert.ok(existsSync(join(root, shader)), shader)
    }
    const [file] = linked(test)
    const title = test.replace(/^\[.*?\]\(.*?\): /, '')
    assert.ok(file && read(file).includes(`t('${title}'`), `${equation}: ${file} has no test of the title: ${title}`)
  }
})

/** The interfaces that make up a TasnConfig: where their fields stand in it, and where they are declared. */
const INTERFACES = [
  ['', 'src/tasn/config.ts', 'TasnConfig'],
  ['trilinear.', 'src/tasn/trilinear.ts', 'TrilinearConfig'],
  ['maps.', 'src/tasn/views.ts', 'MapConfig'],
  ['maps.sampler.', 'src/ops/sampler.ts', 'SamplerOptions'],
  ['attention.', 'src/tasn/attention_net.ts', 'AttentionNetConfig'],
] as const
/** Each field with its doc comment. */
const fields = new Map(
  INTERFACES.flatMap(([prefix, file, name]) => {
    const text = new RegExp(`^export interface ${name} \\{\n([\\s\\S]*?)^\\}`, 'm').exec(read(file))
    assert.ok(text, `${file} has no interface ${name}`)
    return [...text[1]!.matchAll(/^ {2}(?:\/\*\*([\s\S]*?)\*\/\n {2})?(?:readonly )?(\w+)\??:/gm)].map(
      ([, comment = '', field]) => [`${prefix}${field}`, comment] as const,
    )
  }),
)
const rows = table('field').map(([field, ...rest]) => [field!.replaceAll('`', ''), rest] as const)

t('each field of which something is published has a row, and each row a field', () => {
  assert.ok(fields.size > 25)
  const published = [...fields].filter(([, comment]) => /published|MXNet|paper writes/i.test(comment)).map(([f]) => f)
  assert.ok(published.length >= 15)
  const named = rows.map(([field]) => field)
  assert.is(new Set(named).size, named.length)
  assert.equal(
    published.filter(f => !named.includes(f)),
    [],
    `fields that ${PAGE} leaves out`,
  )
  assert.equal(
    named.filter(f => !fields.has(f)),
    [],
    `rows of ${PAGE} that are no field`,
  )
})

t('each row has what the paper and both codes do, with sources', () => {
  const known = new Set([...page.matchAll(/^\[(\w+)\]: https:/gm)].map(([, name]) => name!))
  const used = new Set([...page.matchAll(/\]\[(\w+)\]/g)].map(([, name]) => name!))
  assert.equal([...used].sort(), [...known].sort())
  for (const [field, cells] of rows) {
    assert.is(cells.length, 4, field)
    const [paper, mxnet, pytorch] = cells as [string, string, string]
    assert.ok(paper.length > 0)
    if (field === 'maps.sampler') continue // its fields have rows of their own
    for (const code of [mxnet, pytorch])
      assert.ok(/\]\[\w+\]/.test(code) || /^no distillation$/.test(code), `${field}: ${code}`)
  }
})

/** The value of a field by its path. */
const at = (config: object, path: string): unknown =>
  path.split('.').reduce<unknown>((o, name) => (o as Record<string, unknown> | undefined)?.[name], config)
/** A value as the page writes it. */
function written(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(written).join(', ')}]`
  if (typeof value !== 'object' || value === null) return String(value)
  return Object.entries(value)
    .map(([name, v]) => `${name} ${written(v)}`)
    .join(', ')
}

t('the column of our values holds the defaults, or those of the preset paper', () => {
  for (const [field, cells] of rows) {
    if (field === 'maps.sampler') continue
    const own = field.split('.')[0]! in TASN_DEFAULTS ? at(TASN_DEFAULTS, field) : at(PRESETS.paper.model, field)
    // Of networks, that which tells them from the usual ones.
    const told = { 'attention.backbone': 'strides', classifier: 'layers' }[field]
    const value = told ? at(own as object, told) : own
    if (value === undefined) assert.match(cells[3]!, /^unset: /, field)
    else assert.is(cells[3], written(value), field)
  }
})

t.run()
