/** The installed package's declarations, as strict compilers read them. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { add, install, root, run, TOOLS } from '../support/installed.ts'

const t = suite('package/types')
let project: string
t.before(() => {
  ;({ project } = install())
})

/** The complaints of a compiler about a program, with all declarations that it reaches. */
function complaints(tsc: string, file: string, options: object): string {
  const compilerOptions = { module: 'nodenext', target: 'es2022', strict: true, skipLibCheck: false, noEmit: true }
  const config = { compilerOptions: { ...compilerOptions, ...options }, files: [file] }
  writeFileSync(join(project, 'tsconfig.json'), JSON.stringify(config))
  const { status, stdout, stderr } = run(project, process.execPath, tsc, '-p', 'tsconfig.json')
  return status === 0 ? '' : stdout + stderr || `exit code ${status}`
}

const COMPILERS = {
  'TypeScript 5.9': join(TOOLS, 'node_modules/typescript-5.9/bin/tsc'),
  'TypeScript 7': join(root, 'node_modules/typescript/bin/tsc'),
}
for (const [name, tsc] of Object.entries(COMPILERS)) {
  t(`${name} takes a page's program without the types of Node`, () => {
    assert.is(complaints(tsc, 'types.ts', { types: [] }), '')
    assert.is(complaints(tsc, 'types.ts', { types: [], module: 'esnext', moduleResolution: 'bundler' }), '')
  })
  t(`${name} takes a program for Node, and the examples of the package's README`, () => {
    add(project, '@types/node')
    assert.is(complaints(tsc, 'node_types.ts', { types: ['node'] }), '')
    const readme = readFileSync(join(project, 'node_modules/tasn-webgpu/README.md'), 'utf8')
    const shown = [...readme.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(([, code]) => code!)
    assert.ok(shown.length >= 2)
    for (const code of shown) {
      writeFileSync(join(project, 'shown.ts'), code)
      assert.is(complaints(tsc, 'shown.ts', { types: ['node'] }), '', code)
    }
  })
}

t('the types of @webgpu/types may be there, too', () => {
  add(project, '@webgpu/types')
  assert.is(complaints(COMPILERS['TypeScript 5.9'], 'types.ts', { types: ['@webgpu/types'] }), '')
})

t('documentation is there, and nothing that no entry leads to', () => {
  const text = readFileSync(join(project, 'node_modules/tasn-webgpu/types.d.ts'), 'utf8')
  assert.match(text, /\/\*\* y = max\(x, 0\)[^\n]*\*\/\nexport declare function relu/)
  assert.not.match(text, /\browOf\b|\bloadKernels\b/)
})

t.run()
