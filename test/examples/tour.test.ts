/** The tour, examples/01 to 09: each fits a screen and prints the numbers that it speaks of. One process runs all. */
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { ladderNamed } from '../../src/gpu/kernel.ts'
import '../../src/ops/conv2d.ts'
import { child } from '../support/child.ts'

const folder = fileURLToPath(new URL('../../examples/', import.meta.url))
const NAMES = [
  '01-tensors',
  '02-gradients',
  '03-tape',
  '04-plan',
  '05-two-moons',
  '06-convolution',
  '07-attention',
  '08-sampler',
  '09-distillation',
]
/** No example prints this. */
const NEXT = '=== next example ==='
/** The numbers in a text. */
const numbersIn = (text: string): number[] => (text.match(/-?\d+(?:\.\d+)?(?:e[-+]?\d+)?/g) ?? []).map(Number)
const near = (got: number | undefined, want: number, by: number, what = 'number'): void =>
  assert.ok(got !== undefined && Math.abs(got - want) <= by, `${what}: expected ${want}, found ${got}`)

const t = suite('examples/tour')
const printed = new Map<string, string>()
const lineOf = (example: string, start: RegExp): string => {
  const line = printed
    .get(example)!
    .split('\n')
    .find(l => start.test(l))
  assert.ok(line, `${example} prints no line like ${start}:\n${printed.get(example)}`)
  return line
}

t.before(async () => {
  const imports = NAMES.map(name => `await import('./examples/${name}.ts'); console.log('${NEXT}')`)
  const { code, out } = await child(imports.join('\n'))
  assert.is(code, 0, out)
  for (const [i, text] of out.split(NEXT).entries()) if (NAMES[i]) printed.set(NAMES[i], text)
})

t('all are there, in order, each under 60 lines', () => {
  const files = readdirSync(folder).filter(f => /^\d\d-/.test(f))
  assert.equal(
    files.sort(),
    NAMES.map(name => `${name}.ts`),
  )
  for (const file of files) assert.ok(readFileSync(folder + file, 'utf8').split('\n').length <= 60, file)
  for (const [name, text] of printed)
    assert.ok(text.trim().split('\n').length > 15, `${name} prints too little:\n${text}`)
})

t('no line is too wide for a terminal of 120 columns', () => {
  const wide = [...printed].flatMap(([name, text]) =>
    text
      .split('\n')
      .filter(l => [...l].length > 120 && !l.startsWith('Warning'))
      .map(l => `${name}: ${l}`),
  )
  assert.equal(
    wide.filter(l => !l.startsWith('04-plan:   ')),
    [],
  )
})

t('01: a product and its softmax', () => {
  assert.match(printed.get('01-tensors')!, / 4 {3}5\n {2}10 {2}11\n/)
  assert.match(printed.get('01-tensors')!, /0\.2689 {2}0\.7311\n {2}0\.2689 {2}0\.7311/)
  assert.match(printed.get('01-tensors')!, /0\.9975 {2}0\.9975/)
  assert.match(printed.get('01-tensors')!, /do not fit: the inner axes are 3 and 2/)
})

t('02: the gradient by hand, the minimum, the cuts', () => {
  // loss = mean (s x + o - t)² over x = -1, 0, 1, 2: at 0 the gradient is -2 mean(t x), -2 mean(t).
  assert.equal(numbersIn(lineOf('02-gradients', /^d \/ d slope +-/)), [-7, -7])
  assert.equal(numbersIn(lineOf('02-gradients', /^d \/ d offset/)), [-4, -4])
  const [, loss, slope, offset] = numbersIn(lineOf('02-gradients', /^ +32 /))
  near(loss, 0, 1e-5)
  near(slope, 2, 1e-3)
  near(offset, 1, 1e-3)
  assert.equal(numbersIn(lineOf('02-gradients', /w \+ w /)), [1])
  assert.equal(numbersIn(lineOf('02-gradients', /w \+ detached/)), [0.5])
  assert.match(lineOf('02-gradients', /^ +detached\(w\)/), /missing/)
})

t('03: five lines, walked backwards', () => {
  const text = printed.get('03-tape')!
  assert.match(text, /5 {2}t5 = sum\(t4\) +\(82\)/)
  assert.match(text, /w gets \(36, 0\) and had \(18, 2\): together \(54, 2\)/)
  assert.match(text, /By hand dw = \(54, 2\), by valueAndGrad\(\) \(54, 2\)/)
  assert.is(text.match(/the very tensor dt3/g)?.length, 2)
})

t('04: replayed and op by op to the same bits, in less memory', () => {
  const text = printed.get('04-plan')!
  assert.match(text, /to the last bit: true/)
  const losses = [0, 100, 200, 300, 400].map(step =>
    numbersIn(lineOf('04-plan', new RegExp(`^ +${step} +0\\.\\d{8} `))),
  )
  for (const [, replayed, eager] of losses) assert.is(replayed, eager)
  assert.ok(losses[4]![1]! < losses[0]![1]! / 50)
  const [planned, unplanned] = numbersIn(lineOf('04-plan', /in place of/))
  assert.ok(planned! < unplanned!)
})

t('05: the moons are told apart', () => {
  const [right, of] = numbersIn(lineOf('05-two-moons', /right side/))
  assert.is(of, 200)
  assert.ok(right! >= 198, `${right} are right`)
  assert.ok(numbersIn(lineOf('05-two-moons', /step 300/))[1]! < 0.05)
  const rows = printed
    .get('05-two-moons')!
    .split('\n')
    .filter(l => /^[ .:ox]{20,}$/.test(l))
  assert.ok(rows.length >= 15)
  for (const mark of ['o', 'x', ':']) assert.ok([...rows.join('')].filter(c => c === mark).length > 50, mark)
})

t('06: each rung is there, those that ran agree with the first, one is taken', () => {
  const text = printed.get('06-convolution')!
  for (const { name } of ladderNamed('conv2d forward').rungs) lineOf('06-convolution', new RegExp(`^[ *] ${name} `))
  assert.is(text.match(/^\* /gm)?.length, 1)
  const ran = text.split('\n').filter(l => /^[ *] .* \de[-+]\d/.test(l))
  assert.ok(ran.length >= 2)
  for (const l of ran) {
    const [off] = numbersIn(/\de[-+]\d+/.exec(l)![0])
    assert.ok(off! <= (/f16/.test(l) ? 1e-3 : 1e-5), l)
  }
  assert.match(lineOf('06-convolution', /^ {2}naive /), / 1\.0 +0e\+0 /)
  assert.match(text, /2_register\n.* Over rung 1: /)
})

t('07: the map lies on the bird more than its channel does, and is the op itself', () => {
  const [, feature, map] = numbersIn(lineOf('07-attention', /^ +channel \d+ +\d+\.\d %/))
  assert.ok(map! > feature! + 10, `${feature} % -> ${map} %`)
  const [, meanFeature, meanMap] = numbersIn(lineOf('07-attention', /^ +mean of/))
  assert.ok(meanMap! > meanFeature!)
  assert.ok(numbersIn(lineOf('07-attention', /^trilinearAttention/))[0]! < 1e-4)
})

t('08: the peaks after each round are the published ones, positions rise, the bird grows', () => {
  const final = (name: RegExp): number => numbersIn(lineOf('08-sampler', name).replace(/^.{23}/, '')).at(-1)!
  near(final(/^ +wide spot/), 3.4, 0.01)
  near(final(/^ +narrow spot/), 4.4, 0.01)
  near(final(/^ +one pixel/), 4.99, 0.01)
  const flattened = numbersIn(lineOf('08-sampler', /^ +narrow, flat/).replace(/^.{23}/, ''))
  near(flattened[0], 10.21, 0.01)
  near(flattened[1], 1.8, 0.01)
  near(flattened[5], 1, 0.01)
  const F = numbersIn(lineOf('08-sampler', /^ +F /))
  near(F.at(-1), 1, 1e-3)
  const positions = numbersIn(lineOf('08-sampler', /^ +reads column/))
  for (const row of [F, positions])
    assert.equal(
      row,
      [...row].sort((a, b) => a - b),
    )
  const [even, sampled] = numbersIn(lineOf('08-sampler', /^ +on the bird/))
  assert.ok(sampled! > 1.3 * even!, `${even} % -> ${sampled} %`)
})

t('09: soft targets, and a gradient that falls with T²', () => {
  // softmax((6, 4.5, 1, 0, -1))[0]
  const z = [6, 4.5, 1, 0, -1]
  const at = (T: number): number => 1 / z.reduce((sum, v) => sum + Math.exp((v - z[0]!) / T), 0)
  for (const T of [1, 2, 4, 10, 20])
    near(numbersIn(lineOf('09-distillation', new RegExp(`^ +teacher, T = ${T} `)))[1], at(T), 1e-4)
  const term = [1, 2, 4, 10, 20].map(T => numbersIn(lineOf('09-distillation', new RegExp(`^ +${T} +\\d\\.`))))
  for (const [, loss, entropy, above] of term) near(loss! - entropy!, above!, 2e-4)
  const [ten, twenty] = term.slice(3) as [number[], number[]]
  near(ten[4]! / twenty[4]!, 4, 0.5, 'the gradient at 10 over that at 20')
  near(ten[5]! / twenty[5]!, 1, 0.12, 'the same, times T²')
})

t('the page in Chinese has the numbers that the tour prints', () => {
  const page = readFileSync(`${folder}explained/README.zh.md`, 'utf8').replaceAll('\n', '')
  const said = (pattern: RegExp): number[] => {
    const found = pattern.exec(page)
    assert.ok(found, `README.zh.md has no ${pattern}`)
    return found.slice(1).map(Number)
  }
  const [channel, map] = said(/这个通道的响应只有 ([\d.]+) % 落在框里，它的注意力图有 ([\d.]+) %/)
  const [, ownChannel, ownMap] = numbersIn(lineOf('07-attention', /^ +channel \d+ +\d+\.\d %/))
  const [channels, maps] = said(/个通道平均从 ([\d.]+) % 升到 ([\d.]+) %/)
  const [, ownChannels, ownMaps] = numbersIn(lineOf('07-attention', /^ +mean of/))
  const [even, sampled] = said(/直接缩小是 ([\d.]+) %，采样是 ([\d.]+) %/)
  const [ownEven, ownSampled] = numbersIn(lineOf('08-sampler', /^ +on the bird/))
  const [hot, soft, scaled] = said(/梯度的模在 T = 1 时是 ([\d.]+)，T = 10 时是 ([\d.]+)， *乘 \$T\^2\$ 后是 ([\d.]+)/)
  const at = (T: number): number[] => numbersIn(lineOf('09-distillation', new RegExp(`^ +${T} +\\d\\.`)))
  const pairs = [
    [channel, ownChannel, 0.1],
    [map, ownMap, 0.1],
    [channels, ownChannels, 0.1],
    [maps, ownMaps, 0.1],
    [even, ownEven, 0.1],
    [sampled, ownSampled, 0.1],
    [hot, at(1)[4], 0.005],
    [soft, at(10)[4], 0.0001],
    [scaled, at(10)[5], 0.005],
  ] as const
  for (const [page, own, by] of pairs) near(page, own!, by)
})

t.run()
