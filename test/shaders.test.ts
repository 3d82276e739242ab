/**
 * Every shader compiles alone with its defaults, is used by a kernel, and agrees in its names with the other rungs of
 * its ladder.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import '../src/engine/debug.ts'
import '../src/nn/optim.ts'
import { gpu } from '../src/gpu/device.ts'
import { declaredLadders } from '../src/gpu/kernel.ts'
import { constsIn, loadSource, reflect, specialise } from '../src/gpu/shader.ts'

const root = fileURLToPath(new URL('../shaders/', import.meta.url))
const ops = fileURLToPath(new URL('../src/ops/', import.meta.url))
// open() loads what has been declared when it is called: so all ops are imported here.
for (const file of readdirSync(ops)) await import(pathToFileURL(ops + file).href)

const all = readdirSync(root, { recursive: true, encoding: 'utf8' })
  .filter(f => f.endsWith('.wgsl'))
  .sort()
const shaders = all.filter(f => !f.startsWith('lib/'))

const t = suite('shaders')

t('there are shaders', () => {
  assert.ok(shaders.length > 40)
})

t('each compiles alone with its defaults', async () => {
  const failures: string[] = []
  await Promise.all(
    shaders.map(async file => {
      await loadSource(file)
      const code = specialise(file)
      gpu.pushErrorScope('validation')
      const module = gpu.createShaderModule({ label: file, code })
      const scope = gpu.popErrorScope()
      for (const m of (await module.getCompilationInfo()).messages)
        failures.push(`${file}:${m.lineNum} ${m.type}: ${m.message}`)
      const error = await scope
      if (error) failures.push(`${file}: ${error.message}`)
    }),
  )
  assert.equal(failures, [])
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

t('each file of lib/ is included by a shader', () => {
  const text = all.map(f => readFileSync(root + f, 'utf8')).join('\n')
  assert.equal(
    all.filter(f => f.startsWith('lib/') && !text.includes(`// #include "${f}"`)),
    [],
  )
})

t('each opens with its own path and a formula', () => {
  assert.equal(
    shaders.filter(f => readFileSync(root + f, 'utf8').match(/^\/\/ (\S+)\s/)?.[1] !== f.replace('.wgsl', '')),
    [],
  )
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
