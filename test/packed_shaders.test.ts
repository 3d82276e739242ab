/** Shader texts made shorter for bundles and for the package: the same tokens, and the same face to the host. */
import { readdirSync } from 'node:fs'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { gpu } from '../src/gpu/device.ts'
import { declaredLadders } from '../src/gpu/kernel.ts'
import { constsIn, reflect, specialise } from '../src/gpu/shader.ts'
import { shaderModule, shaderTexts } from '../src/package/shaders.ts'
import { slim, tight } from '../src/package/wgsl.ts'

const ops = fileURLToPath(new URL('../src/ops/', import.meta.url))
for (const file of readdirSync(ops)) await import(pathToFileURL(ops + file).href)

const t = suite('packed shaders')

/** WGSL's tokens, each as long as it can be (the specification's section 3), without comments but for includes. */
const TOKEN = new RegExp(
  [
    /\/\/.*/,
    /\/\*[\s\S]*?\*\//,
    /[\p{XID_Start}_]\p{XID_Continue}*/u,
    /0[xX][\da-fA-F]+[iu]?/,
    /(?:\d+\.\d*|\.\d+|\d+)(?:[eE][+-]?\d+)?[iufh]?/,
    /->|\+\+|--|&&|\|\||<<=|>>=|<<|>>|[=!<>+\-*/%&|^]=|[^\s]/,
  ]
    .map(part => part.source)
    .join('|'),
  'gu',
)
const tokens = (text: string): string[] =>
  (text.match(TOKEN) ?? []).flatMap(token =>
    /^\/[/*]/.test(token) ? (/^\/\/ #include "[^"]+"/.exec(token)?.[0] ?? []) : token,
  )

t('the tokens are the same', () => {
  assert.equal(tokens('a - -b // c\n/* d */ e--; f>=1.5e-3f'), 'a - - b e -- ; f >= 1.5e-3f'.split(' '))
  const texts = Object.entries(shaderTexts())
  assert.ok(texts.length > 100)
  for (const [file, text] of texts)
    for (const shorten of [slim, tight])
      assert.is(tokens(shorten(text)).join(' '), tokens(text).join(' '), `${file}, ${shorten.name}`)
})

t('operators and words that would become others are kept apart', () => {
  assert.is(tight('fn f() {\n  return a - -b + 1.0 * (c & &d);\n}\n'), 'fn f(){return a- -b+1.0*(c& &d);}')
  assert.is(tight('let x = 1 . y; // z'), 'let x=1 . y;')
})

t('tight texts are shorter by a quarter at least', () => {
  const length = (shorten: typeof slim): number => shaderModule(shorten).length
  assert.ok(length(tight) < 0.9 * length(slim))
  assert.ok(length(tight) < 0.75 * length(text => text))
})

t('constants, bindings and Params are read alike, and each rung compiles', async () => {
  const shortened = new Map<string, string>()
  for (const { name, rungs } of declaredLadders())
    for (const { file, consts, needs, name: rung } of rungs) {
      const code = specialise(file, consts, needs?.f16)
      const short = tight(code)
      const label = `${file} (${name}, ${rung})`
      assert.equal(reflect(file, short), reflect(file, code), label)
      assert.equal(constsIn(short), constsIn(code), label)
      if ([...short.matchAll(/^enable (\w+);/gm)].every(([, f]) => has(f!))) shortened.set(short, label)
    }
  assert.ok(shortened.size > 100)
  const failures: string[] = []
  for (const [code, label] of shortened) {
    gpu.pushErrorScope('validation')
    gpu.createShaderModule({ label, code })
    const error = await gpu.popErrorScope()
    if (error) failures.push(`${label}: ${error.message}`)
  }
  assert.equal(failures, [])
})

const has = (feature: string): boolean =>
  gpu.features.has((feature === 'f16' ? 'shader-f16' : feature) as GPUFeatureName)

t.run()
