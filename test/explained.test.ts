/**
 * The book in examples/explained: the code that it shows is that of the sources, its links lead somewhere, and each
 * equation of the paper's section 3 is in it once.
 */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join, normalize } from 'node:path/posix'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import {
  BOOK,
  CHAPTERS,
  chapters,
  EQUATIONS,
  HEADINGS,
  isLive,
  ROOT,
  textOf,
  withContents,
} from '../examples/explained/frame/book.ts'
import { pagesOf } from '../examples/explained/frame/pages.ts'
import { refreshed, regionOf, regionsIn } from '../examples/explained/frame/regions.ts'

const t = suite('explained')
const there = chapters()

t('each block of included code is its region, letter by letter: npm run explained brings them up to date', () => {
  assert.ok(there.length > 0)
  for (const chapter of there) {
    const text = textOf(chapter)
    assert.ok(regionsIn(text).length > 0, `${chapter.id} shows no code`)
    assert.equal(refreshed(text), text, chapter.id)
  }
})

t('regions: functions, interfaces, members, shaders, whole files; and errors that name what is missing', () => {
  const one = '/** One. */\nexport function one(\n  a: number,\n): number {\n  return a\n}'
  const ts = `import x from 'y'\n\n${one}\nconst two = 2
export interface Three {
  /** Four. */
  four: number
  /** Five,
   * long. */
  five(): {
    six: number
  }
}
`
  assert.is(regionOf(ts, 'a.ts', 'one'), one)
  assert.is(regionOf(ts, 'a.ts', 'two'), 'const two = 2')
  assert.is(regionOf(ts, 'a.ts', 'Three.four'), '/** Four. */\nfour: number')
  assert.is(regionOf(ts, 'a.ts', 'Three.five'), '/** Five,\n * long. */\nfive(): {\n  six: number\n}')
  assert.throws(() => regionOf(ts, 'a.ts', 'on'), /a\.ts declares no on/)
  assert.throws(() => regionOf(ts, 'a.ts', 'Three.six'), /Three of a\.ts has no six/)
  const wgsl = '// sampler\nstruct P { n: u32 }\n\n// Adds.\nfn add(a: u32) -> u32 {\n  return a;\n}\n\nfn b() {}\n'
  assert.is(regionOf(wgsl, 'a.wgsl', 'add'), '// Adds.\nfn add(a: u32) -> u32 {\n  return a;\n}')
  assert.is(regionOf(wgsl, 'a.wgsl'), wgsl.trimEnd())
  assert.throws(() => refreshed('<!-- src/none.ts#a -->\n'), /there is no file src\/none\.ts/)
  assert.is(refreshed('<!-- src/ops/sampler.ts#SamplerMode -->\n').match(/export type SamplerMode/g)?.length, 1)
})

t('each chapter has its headings, in their order', () => {
  const all = Object.keys(HEADINGS)
  for (const chapter of there) {
    const found = [...textOf(chapter).matchAll(/^## (.*)$/gm)].map(m => m[1]!)
    assert.equal(
      found,
      all.filter(h => found.includes(h)),
      chapter.id,
    )
    for (const [heading, always] of Object.entries(HEADINGS))
      assert.ok(!always || found.includes(heading), `${chapter.id} has no "${heading}"`)
    const number = CHAPTERS.indexOf(chapter) + 1
    assert.is(/^# (.*)$/m.exec(textOf(chapter))?.[1], `${number}. ${chapter.title}`)
  }
})

t('each equation of section 3 of the paper is in its chapter, once', () => {
  const found = there.flatMap(chapter =>
    [...textOf(chapter).matchAll(/^<!-- equation: (.*) -->\n\n\$\$$/gm)].map(m => `${m[1]}: ${chapter.id}`),
  )
  const expected = Object.entries(EQUATIONS).filter(([, id]) => there.some(chapter => chapter.id === id))
  assert.equal(found.sort(), expected.map(([name, id]) => `${name}: ${id}`).sort())
  for (const id of Object.values(EQUATIONS)) assert.ok(CHAPTERS.some(chapter => chapter.id === id))
})

t('the table of contents is that of the chapters', () => {
  const readme = readFileSync(`${BOOK}README.md`, 'utf8')
  assert.is(withContents(readme), readme)
})

t('each address on the pages leads to a page, to a heading of it, or to a file of the site', () => {
  const { html, copies } = pagesOf()
  const script = ({ id }: { id: string }): string[] => [`${id}/page.js`]
  const built = ['style.css', 'book.css', 'shell.js', '../index.html', ...there.flatMap(script)]
  const lost: string[] = []
  let count = 0
  for (const [page, text] of html)
    for (const [, address] of text.matchAll(/ (?:href|src)="([^"]*)"/g)) {
      if (/^(https:|data:)/.test(address!)) continue
      count++
      const [path, anchor] = address!.split('#') as [string, string?]
      const folder = normalize(join(page, '..', path))
      const to = path === '' ? page : folder.endsWith('/') ? `${folder}index.html` : folder
      const found = html.get(to.replace(/^\.\//, ''))
      if (!found && !copies.has(to) && !built.includes(to)) lost.push(`${page}: ${address}`)
      if (anchor && !found?.includes(`id="${anchor}"`)) lost.push(`${page}: ${address}`)
    }
  assert.equal(lost, [])
  assert.ok(count > 20)
})

t('pages load nothing from elsewhere', () => {
  for (const [page, text] of pagesOf().html)
    assert.not.match(text, /<(?:script|link|img|iframe)[^>]*(?:src|href)="(?:https?:)?\/\//, page)
})

t('pictures: each belongs to a text that shows it, and together they are small', () => {
  const all = readdirSync(BOOK, { recursive: true, encoding: 'utf8' }).filter(f => f.endsWith('.png'))
  const shown = there.flatMap(chapter =>
    [...textOf(chapter).matchAll(/!\[[^\]]+\]\(([\w-]+\.png)\)/g)].map(m => `${chapter.id}/${m[1]}`),
  )
  const chinese = [...readFileSync(`${BOOK}README.zh.md`, 'utf8').matchAll(/!\[[^\]]+\]\((zh\/[\w-]+\.png)\)/g)]
  assert.is(chinese.length, 4)
  assert.equal(all.map(f => f.replaceAll('\\', '/')).sort(), [...shown, ...chinese.map(m => m[1]!)].sort())
  const bytes = all.reduce((sum, f) => sum + statSync(BOOK + f).size, 0)
  assert.ok(bytes < 550_000, `${bytes} bytes of pictures`)
})

t('each live figure has a picture in the text and a test in a browser', () => {
  for (const chapter of there.filter(isLive)) {
    assert.match(textOf(chapter), /^<!-- figure: [\w-]+ -->\n!\[/m, chapter.id)
    const test = `test/browser/explained_${chapter.id.slice(0, 2)}.test.ts`
    assert.ok(existsSync(ROOT + test), `${chapter.id} has no ${test}`)
  }
})

t.run()
