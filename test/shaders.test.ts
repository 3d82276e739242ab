/**
 * Every shader compiles alone with its defaults, is used by a kernel, and agrees in its names with the other rungs of
 * its ladder. What several shaders share is in files that they include.
 */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import '../src/engine/debug.ts'
import '../src/nn/optim.ts'
import { gpu } from '../src/gpu/device.ts'
import { declaredLadders, labelOf } from '../src/gpu/kernel.ts'
import { addSource, constsIn, includes, loadSource, reflect, specialise } from '../src/gpu/shader.ts'
import { declaredWritable, type Variant, variant } from '../src/gpu/variant.ts'

const root = fileURLToPath(new URL('../shaders/', import.meta.url))
const ops = fileURLToPath(new URL('../src/ops/', import.meta.url))
// open() loads what has been declared when it is called: so all ops are imported here.
for (const file of readdirSync(ops)) await import(pathToFileURL(ops + file).href)

const all = readdirSync(root, { recursive: true, encoding: 'utf8' })
  .filter(f => f.endsWith('.wgsl'))
  .sort()
/**
 * Files that are included and are no kernels of their own: lib/, for all, and the files of a folder whose names begin
 * with 0_.
 */
const isInclude = (f: string): boolean => f.startsWith('lib/') || basename(f).startsWith('0_')
const shaders = all.filter(f => !isInclude(f))
const textOf = (f: string): string => readFileSync(root + f, 'utf8')

const t = suite('shaders')

t('there are shaders', () => {
  assert.ok(shaders.length > 40)
})

/** The optional features that a shader's text enables and this device lacks: no rung of it is taken here. */
const lacks = (code: string): string[] =>
  [...code.matchAll(/^\s*enable (\w+);/gm)]
    .map(([, name]) => (name === 'f16' ? 'shader-f16' : name!))
    .filter(feature => !gpu.features.has(feature as GPUFeatureName))

t('each compiles with its defaults and as each rung, where the device has what it enables', async () => {
  const codes = new Map<string, string>()
  for (const file of shaders) {
    await loadSource(file)
    codes.set(specialise(file), file)
  }
  for (const { name, rungs } of declaredLadders())
    for (const { file, consts, needs, name: rung } of rungs)
      codes.set(specialise(file, consts, needs?.f16), `${file} (${name}, ${rung})`)

  const failures: string[] = []
  const lacking: string[] = []
  await Promise.all(
    [...codes].map(async ([code, label]) => {
      gpu.pushErrorScope('validation')
      const module = gpu.createShaderModule({ label, code })
      const scope = gpu.popErrorScope()
      const messages = (await module.getCompilationInfo()).messages.map(m => `line ${m.lineNum}: ${m.message.trim()}`)
      const error = (await scope)?.message
      const lack = lacks(code)
      lacking.push(...lack)
      // Without the feature it must fail, for that reason alone: else more is wrong.
      const known = lack.some(f => new RegExp(`['\`]${f.replace('shader-', '')}['\`]`).test(messages[0] ?? ''))
      if (lack.length ? !error || messages.length !== 1 || !known : error || messages.length)
        failures.push(
          `${label}${lack.length ? `, without ${lack}` : ''}: ${error ?? 'compiles'}\n${messages.join('\n')}`,
        )
    }),
  )
  assert.equal(failures, [])
  const features = [...new Set(lacking)].sort()
  for (const f of features) console.log(`  without ${f}: ${lacking.filter(l => l === f).length} of ${codes.size} rungs`)
  // Set by test/adapters.ts, which knows what its adapters lack.
  if (process.env.LACKS !== undefined) assert.is(features.join(), process.env.LACKS)
})

t('the rungs of a ladder have labels of their own: benchmarks tell them apart by these', () => {
  for (const { name, rungs } of declaredLadders()) assert.is(new Set(rungs.map(labelOf)).size, rungs.length, name)
})

t('each belongs to a kernel, and each kernel has its file', () => {
  const declared = new Set(declaredLadders().flatMap(l => l.rungs.map(r => r.file)))
  assert.equal(
    shaders.filter(f => !declared.has(f)),
    [],
    'shaders that nothing launches',
  )
  assert.equal(
    [...declared].filter(f => !shaders.includes(f)),
    [],
    'kernels without a shader',
  )
})

t('each include is included by a shader', async () => {
  for (const file of shaders) await loadSource(file)
  assert.equal(
    all.filter(f => isInclude(f) && !shaders.some(shader => includes(shader, f))),
    [],
  )
})

t('an include of several files is put in once, where it is first named', async () => {
  const folder = `${root}test-includes`
  mkdirSync(folder)
  try {
    writeFileSync(`${folder}/third.wgsl`, 'const THIRD: u32 = 3;\n')
    for (const name of ['first', 'second'])
      writeFileSync(`${folder}/${name}.wgsl`, `// #include "test-includes/third.wgsl"\nconst ${name}: u32 = THIRD;\n`)
    writeFileSync(
      `${folder}/shader.wgsl`,
      '// #include "test-includes/first.wgsl": first\n// #include "test-includes/second.wgsl": second\n',
    )
    await loadSource('test-includes/shader.wgsl')
    const lines = specialise('test-includes/shader.wgsl', { THIRD: 4 }).split('\n').filter(Boolean)
    assert.equal(lines, ['const THIRD: u32 = 4;', 'const first: u32 = THIRD;', 'const second: u32 = THIRD;'])
    assert.ok(includes('test-includes/shader.wgsl', 'test-includes/third.wgsl'), 'at second hand')
    assert.not(includes('test-includes/third.wgsl', 'test-includes/first.wgsl'))
  } finally {
    rmSync(folder, { recursive: true })
  }
})

t('a text of the caller takes the place of a file', async () => {
  addSource('test-added.wgsl', '// #include "lib/pixel.wgsl"\nconst OWN: u32 = 1;\n')
  await loadSource('test-added.wgsl')
  const code = specialise('test-added.wgsl', { OWN: 2 })
  assert.ok(code.includes('const OWN: u32 = 2;') && code.includes('fn pixel('), code)
})

t('each opens with its own path and a formula or a sentence', () => {
  assert.equal(
    all.filter(f => !new RegExp(`^// ${f.replace('.wgsl', '')}(    |\\n// )\\S`).test(textOf(f))),
    [],
  )
})

t('no line is over 120 columns', () => {
  const long = all.flatMap(f =>
    textOf(f)
      .split('\n')
      .flatMap((line, i) => (line.length > 120 ? [`${f}:${i + 1}`] : [])),
  )
  assert.equal(long, [])
})

t('each has bindings in order, one Params at most, and launch() can read both', () => {
  for (const file of shaders) {
    const code = specialise(file)
    const { bindings, params, workgroup } = reflect(file, code)
    assert.equal(
      bindings.map(b => b.index),
      bindings.map((_, i) => i),
      file,
    )
    assert.is(bindings.length, code.match(/@binding\(/g)?.length, `${file}: a binding that reflect() does not see`)
    const body = /struct Params \{([^}]*)\}/.exec(code)?.[1] ?? ''
    assert.is(
      params.length,
      body.split(',').filter(s => s.includes(':')).length,
      `${file}: a field of Params that reflect() does not see`,
    )
    assert.ok(
      bindings.some(b => b.access === 'read_write'),
      `${file} writes nothing`,
    )
    assert.ok(bindings.filter(b => b.access !== 'uniform').length <= 8, `${file}: WebGPU promises 8 storage buffers`)
    assert.ok(workgroup.every(n => n >= 1) && workgroup[0] * workgroup[1] * workgroup[2] <= 256, file)
  }
})

t('the constants of a rung are const lines of its file', () => {
  for (const { file, consts, needs } of declaredLadders().flatMap(l => l.rungs)) specialise(file, consts, needs?.f16)
  assert.throws(
    () => specialise('elementwise/relu.wgsl', { NO_SUCH: 1 }),
    /elementwise\/relu\.wgsl has no line "const NO_SUCH/,
  )
})

t('each binding that is only read can be declared writable', () => {
  const rungs = declaredLadders().flatMap(l => l.rungs)
  for (const rung of rungs) {
    const readOnly = (v: Variant) => v.info.bindings.filter(b => b.access === 'read').map(b => b.name)
    const plain = variant(rung, {})
    assert.equal(readOnly(declaredWritable(plain, readOnly(plain))), [], rung.file)
  }
  const relu = rungs.find(r => r.file === 'elementwise/relu.wgsl')!
  assert.throws(
    () => declaredWritable(variant(relu, {}), ['x', 'y']),
    /elementwise\/relu\.wgsl has no line "var<storage, read> y:"/,
  )
})

t('the rungs of a ladder have the same bindings, and take the same numbers as Params or as constants', () => {
  assert.ok(declaredLadders().length >= 40)
  for (const { name, rungs } of declaredLadders()) {
    const faces = rungs.map(({ file }) => {
      const code = specialise(file)
      const { bindings, params } = reflect(file, code)
      const bound = bindings.map(b => `${b.access} ${b.name}`).sort()
      return { file, bound, params: params.map(p => p.name), consts: constsIn(code) }
    })
    const wanted = new Set(faces.flatMap(f => f.params))
    for (const { file, bound, params, consts } of faces) {
      assert.equal(bound, faces[0]!.bound, `${name}: ${file} binds other tensors than ${faces[0]!.file}`)
      const missing = [...wanted].filter(p => !params.includes(p) && !(p in consts))
      assert.equal(missing, [], `${name}: ${file} lacks params that other rungs have`)
    }
  }
})

t.run()
