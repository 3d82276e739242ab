/**
 * The eager executor: memory and scopes, the order of writes and launches, errors that name the file, the switches of
 * the environment.
 */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { stats } from '../../src/engine/buffers.ts'
import { scope } from '../../src/engine/eager.ts'
import { flush } from '../../src/engine/encode.ts'
import { empty, launch } from '../../src/engine/launch.ts'
import type { Tensor } from '../../src/engine/tensor.ts'
import { constant, finish, persistent, read, readU32, release, write } from '../../src/engine/transfer.ts'
import { gpu } from '../../src/gpu/device.ts'
import { type Ladder, ladderNamed, type Rung } from '../../src/gpu/kernel.ts'
import { choose, withRung } from '../../src/gpu/ladder.ts'
import { SGD } from '../../src/nn/optim.ts'
import { valueAndGrad } from '../../src/ops/backward.ts'
import { add, relu, reshape, scale, square } from '../../src/ops/elementwise.ts'
import { mean } from '../../src/ops/reduce.ts'
import { child } from '../support/child.ts'
import { setVariable } from '../support/variable.ts'

const reluKernel = ladderNamed('elementwise/relu')
/** The same ladder with its first rung changed. */
const changed = (change: Partial<Rung>): Ladder => ({ ...reluKernel, rungs: [{ ...reluKernel.rungs[0], ...change }] })
const vector = (...v: number[]): Tensor => persistent([v.length], Float32Array.from(v))
const values = async (t: Tensor): Promise<number[]> => [...(await read(t))]
const rejects = async (promise: Promise<unknown>, message: RegExp): Promise<void> => {
  const error = await promise.then(
    () => undefined,
    (e: Error) => e,
  )
  assert.match(error?.message ?? 'nothing was thrown', message)
}

const t = suite('engine/launch')

// ---- memory
// ---------------------------------------------------------------------------------------------------------------

t('as many buffers after step 20 as after step 12, when those of earlier tests are forgotten', async () => {
  const w = persistent(
    [40, 7],
    Float32Array.from({ length: 280 }, (_, i) => Math.sin(i)),
  )
  const optimizer = new SGD(new Map([['w', w]]))
  w.requiresGrad = true
  const kept: [buffers: number, bytes: number][] = []
  for (let k = 0; k < 20; k++) {
    let result!: Promise<Float32Array>
    optimizer.advance(0.1)
    scope(() => {
      const [loss] = scope(() => {
        const { value, grads } = valueAndGrad(() => mean(square(add(relu(w), scale(w, 0.5)))), [w])
        optimizer.step(grads)
        return [value]
      })
      result = read(loss) // the copy is submitted before the scope ends
      return []
    })
    assert.ok((await result)[0]! > 0)
    kept.push([stats.buffers, stats.bytes])
  }
  assert.equal(kept[19], kept[11])
})

t('what a scope returns outside of all scopes lasts', async () => {
  const x = vector(1)
  const before = stats.buffers
  const kept = Array.from({ length: 10 }, (_, i) => scope(() => [scale(x, i), square(x)])[0]!)
  assert.ok(stats.buffers <= before + 20)
  for (const [i, y] of kept.entries()) assert.equal(await values(y), [i])
})

t('a scope keeps what it returns, views too, and frees the rest', async () => {
  const x = vector(1, -2, 3, -4)
  let gone!: Tensor
  const [y, view] = scope(() => {
    gone = relu(x)
    return [scale(gone, 2), reshape(square(x), [2, 2])]
  })
  const before = stats.buffers
  scope(() => {
    const again = scale(x, 7)
    assert.is(again.size, 4)
    return []
  })
  assert.is(stats.buffers, before, 'memory of the first scope is used again')
  assert.equal(await values(y), [2, 0, 6, 0])
  assert.equal(await values(view), [1, 4, 9, 16])
  await rejects(read(gone), /tensor of shape \[4\] has no memory: its scope\(\) has ended/)
  assert.throws(() => scope(() => [relu(gone)]), /elementwise\/relu\.wgsl: x has no memory: its scope\(\) has ended/)
  assert.throws(() => write(gone, new Float32Array(4)), /has no memory/)
})

t('scopes nest: what the inner returns ends with the outer', async () => {
  const x = vector(5)
  let inner!: Tensor
  const [y] = scope(() => {
    ;[inner] = scope(() => [scale(x, 2)])
    return [scale(inner, 10)]
  })
  assert.equal(await values(y), [100])
  await rejects(read(inner), /has ended/)
})

t('an error inside a scope frees its tensors', async () => {
  const x = vector(5)
  let lost!: Tensor
  assert.throws(
    () =>
      scope(() => {
        lost = scale(x, 2)
        throw new Error('inside')
      }),
    'inside',
  )
  await rejects(read(lost), /has ended/)
  const [y] = scope(() => [scale(x, 3)])
  assert.equal(await values(y), [15])
})

t('release() gives memory back at once', async () => {
  const before = { ...stats }
  const x = persistent([1000])
  assert.equal([stats.buffers, stats.bytes], [before.buffers + 1, before.bytes + 4000])
  assert.ok(
    (await values(x)).every(v => v === 0),
    'zero unless data is given',
  )
  release(x)
  release(x)
  assert.equal([stats.buffers, stats.bytes], [before.buffers, before.bytes])
  await rejects(read(x), /no memory/)
})

t('release() right after a launch that uses the tensor does not take it away from it', async () => {
  const x = vector(-1, 2)
  const [y] = scope(() => [relu(x)])
  release(x)
  assert.equal(await values(y), [0, 2])
  release(y)
})

t('sizes that are not used again are forgotten, what an outermost scope returns can be released', async () => {
  const x = persistent([100])
  const step = (n: number) => {
    const [y] = scope(() => [scale(relu(reshape(x, [n, 100 / n])), 2)])
    release(y)
  }
  for (let k = 0; k < 12; k++) step(1)
  const before = { ...stats }
  for (let n = 1; n <= 40; n++) {
    const z = persistent([n])
    const [y] = scope(() => [add(relu(z), square(z))])
    assert.is((await read(y))[0], 0)
    release(y)
    release(z)
  }
  for (let k = 0; k < 12; k++) step(1)
  assert.equal([stats.buffers, stats.bytes], [before.buffers, before.bytes])
})

t('constants are made once for each shape and value', async () => {
  const a = constant([2, 3], 7.5)
  assert.is(constant([2, 3], 7.5), a)
  assert.is.not(constant([3, 2], 7.5), a)
  assert.is.not(constant([2, 3], 7), a)
  assert.equal(await values(a), [7.5, 7.5, 7.5, 7.5, 7.5, 7.5])
})

t('a tensor over the limit of the adapter is refused by its size', () => {
  const most = Math.min(gpu.limits.maxStorageBufferBindingSize, gpu.limits.maxBufferSize)
  const before = stats.buffers
  assert.throws(
    () => persistent([most / 4 + 1]),
    new RegExp(`${most + 4} bytes .* over this adapter's limit of ${most} bytes: use a smaller batch`),
  )
  assert.throws(() => scope(() => [empty([most / 4 + 1])]), /over this adapter's limit/)
  assert.is(stats.buffers, before)
})

// ---- order
// ------------------------------------------------------------------------------------------------------------------

t('a launch sees what was written before it, not after', async () => {
  const x = vector(1)
  const results = scope(() =>
    Array.from({ length: 5 }, (_, i) => {
      const y = scale(x, 10)
      write(x, new Float32Array([i + 2]))
      return y
    }),
  )
  const got: number[] = []
  for (const r of results) got.push(...(await values(r)))
  assert.equal(got, [10, 20, 30, 40, 50])
  assert.equal(await values(x), [6])
})

t('more launches than one submit holds, each with its own numbers', async () => {
  const x = vector(1)
  const n = 200
  const results = scope(() => Array.from({ length: n }, (_, i) => scale(x, i, 0.5)))
  for (const [i, r] of results.entries()) if (i % 13 === 0 || i > n - 3) assert.equal(await values(r), [i + 0.5])
  await finish()
})

t('failed launches do not use up the room for parameters', async () => {
  flush()
  const x = vector(1)
  let dead!: Tensor
  scope(() => {
    dead = scale(x, 1)
    return []
  })
  for (let i = 0; i < 100; i++) assert.throws(() => scope(() => [relu(dead)]), /no memory/)
  const results = scope(() => Array.from({ length: 70 }, (_, i) => scale(x, i)))
  for (const i of [0, 1, 62, 63, 64, 69]) assert.equal(await values(results[i]!), [i])
})

// ---- host and GPU
// -----------------------------------------------------------------------------------------------------------

t('what is written is what is read, also from memory shared with a worker', async () => {
  const u = persistent([3], new Uint32Array([0, 7, 0xffffffff]))
  assert.is(u.dtype, 'u32')
  assert.equal([...(await readU32(u))], [0, 7, 0xffffffff])
  const sharedU = new Uint32Array(new SharedArrayBuffer(12))
  const sharedF = new Float32Array(new SharedArrayBuffer(12))
  sharedU.set([0xff00ff01, 2, 0x80000000])
  sharedF.set([1.5, -2, 1e-30])
  const f = persistent([3])
  write(u, sharedU)
  write(f, sharedF)
  assert.equal([...(await readU32(u))], [0xff00ff01, 2, 0x80000000])
  assert.equal(await values(f), [1.5, -2, Math.fround(1e-30)])
  write(f, new Float32Array([0, 1, 2, 3, 4]).subarray(1, 4))
  assert.equal(await values(f), [1, 2, 3])
})

t('wrong sizes and types are refused', () => {
  const f = vector(1, 2)
  const u = persistent([2], undefined, 'u32')
  assert.throws(
    () => write(f, new Float32Array(3)),
    /f32 tensor of shape \[2\] takes 2 elements, found Float32Array of 3/,
  )
  assert.throws(() => write(f, new Uint32Array(2)), /f32 tensor .* found Uint32Array of 2/)
  assert.throws(() => write(u, new Float32Array(2)), /u32 tensor .* found Float32Array/)
  assert.throws(() => persistent([2], new Float32Array(3)), /takes 2 elements/)
  assert.throws(() => persistent([2.5]), /is not a shape/)
  assert.throws(
    () => scope(() => [relu(u)]),
    /elementwise\/relu\.wgsl: x must hold f32, the tensor of shape \[2\] holds u32/,
  )
})

t('a tensor is read as what it holds', async () => {
  await rejects(read(persistent([2], undefined, 'u32')), /u32 is read by readU32\(\)/)
  await rejects(readU32(vector(1)), /f32 is read by read\(\)/)
})

t('wrong names are refused with the file', () => {
  scope(() => {
    const x = empty([4])
    const y = empty([4])
    assert.throws(() => launch(reluKernel, { x, z: y }, { n: 4 }), /elementwise\/relu\.wgsl binds x, y; given: x, z/)
    assert.throws(() => launch(reluKernel, { x }, { n: 4 }), /elementwise\/relu\.wgsl binds x, y; given: x$/)
    assert.throws(
      () => launch(reluKernel, { x, y, extra: y }, { n: 4 }),
      /elementwise\/relu\.wgsl binds x, y; given: x, y, extra/,
    )
    assert.throws(() => launch(reluKernel, { x, y }, {}), /elementwise\/relu\.wgsl: param n is not given/)
    assert.throws(
      () => launch(reluKernel, { x, y }, { n: 3.5 }),
      /elementwise\/relu\.wgsl: param n must be a whole number, found 3.5/,
    )
    assert.throws(() => launch(reluKernel, { x, y }, { n: 0 }), /elementwise\/relu\.wgsl: nothing to do/)
    assert.throws(
      () => launch(changed({ grid: () => [70000, 1, 1] }), { x, y }, { n: 4 }),
      /70000 x 1 x 1 workgroups is outside/,
    )
    assert.throws(
      () => launch(changed({ file: 'elementwise/none.wgsl' }), { x, y }, { n: 4 }),
      /elementwise\/none\.wgsl is not loaded/,
    )
    return []
  })
})

// ---- ladders
// ----------------------------------------------------------------------------------------------------------------

t('a forced rung holds inside withRung() only', () => {
  const params = { OP: 0, outer: 1, axis: 4, inner: 1, repeat: 1, jump: 0, scale: 1 }
  const l = ladderNamed('reduce')
  assert.is(choose(l, params), l.rungs[0])
  withRung(l, 'workgroup', () => {
    assert.is(choose(l, params), l.rungs[1])
    withRung(l, 'naive', () => {
      assert.is(choose(l, params), l.rungs[0])
    })
    assert.is(choose(l, params), l.rungs[1])
  })
  assert.throws(
    () =>
      withRung(l, 'workgroup', () => {
        throw new Error('inside')
      }),
    'inside',
  )
  assert.is(choose(l, params), l.rungs[0])
  // On a GPU it always pays here; on a CPU that depends on its lanes.
  const putBack = setVariable('MACHINE', 'gpu')
  try {
    assert.is.not(choose(l, { ...params, axis: 5000 }), l.rungs[0])
  } finally {
    putBack()
  }
  assert.throws(() => withRung(l, 'magic', () => 0), /reduce has no rung magic; it has naive, workgroup/)
  assert.throws(() => ladderNamed('none'), /no ladder is named none; there are .*reduce/)
})

// ---- switches of the environment
// --------------------------------------------------------------------------------------------

const IMPORTS = `
  import { persistent, read } from './src/engine/transfer.ts'
  import { scope } from './src/engine/eager.ts'
  import { hooks, launch } from './src/engine/launch.ts'
  import { Plan } from './src/engine/plan.ts'
  import { add, log, relu, reshape, scale, square } from './src/ops/elementwise.ts'
  import { sum } from './src/ops/reduce.ts'
  await open()
  const tell = p => p.then(v => console.log('read', ...v), e => console.log('error', e.message))
`

t('CHECK=1 names the first launch that wrote a value that is not finite, eagerly and in a plan', async () => {
  const { out, code } = await child(
    `${IMPORTS}
    const x = persistent([4], new Float32Array([1, 2, -1, 3]))
    const step = () => {
      const y = log(square(scale(x, 1))), z = log(reshape(x, [2, 2]))
      return [add(reshape(scale(z, 2), [4]), y)]
    }
    await tell(read(scope(step)[0]))
    await tell(read(x)) // the verdict has been given
    const plan = await Plan.make(step)
    await tell(read(plan.run()[0]))
    x.storage.buffer && (await import('./src/engine/transfer.ts')).write(x, new Float32Array([1, 1, 1, 1]))
    await tell(read(plan.run()[0]))
    await close()`,
    { CHECK: '1' },
  )
  const lines = out
    .trim()
    .split('\n')
    .filter(l => /^(read|error)/.test(l))
  const error = 'error CHECK=1: the first value that is not finite was written by elementwise/unary.wgsl: y [2,2]'
  assert.equal(lines, [error, 'read 1 2 -1 3', error, 'read 0 0 0 0'], out)
  assert.is(code, 0, out)
})

t('CHECK=1 tells the first from those it infects', async () => {
  const { out } = await child(
    `${IMPORTS}
    const x = persistent([2, 3], new Float32Array([1, 2, 3, 3e38, 3e38, 3e38]))
    await tell(read(scope(() => [add(scale(sum(x, [1]), 0), sum(x, [1]))])[0]))
    await close().catch(e => console.log('close', e.message))`,
    { CHECK: '1' },
  )
  assert.match(out, /written by reduce\/1_naive\.wgsl: y \[2\]/)
})

t('CHECK=1 tells the first in time, where a plan has run twice before the host looks', async () => {
  const { out } = await child(
    `${IMPORTS}
    import { SGD } from './src/nn/optim.ts'
    import { valueAndGrad } from './src/ops/backward.ts'
    const w = persistent([1], new Float32Array([1e10]))
    w.requiresGrad = true
    const sgd = new SGD(new Map([['w', w]]))
    sgd.advance(1e30)
    const plan = await Plan.make(() => {
      const { value, grads } = valueAndGrad(() => sum(square(w)), [w])
      sgd.step(grads)
      return [value]
    })
    plan.run()
    await tell(read(plan.run()[0]))
    await close().catch(e => console.log('close', e.message))`,
    { CHECK: '1' },
  )
  assert.match(out, /error CHECK=1: the first value that is not finite was written by optim\/sgd/, out)
})

t('DEBUG=1 prints a line for every launch, DEBUG=2 the shader too', async () => {
  const code = `${IMPORTS}
    await tell(read(scope(() => [sum(relu(persistent([2, 3], new Float32Array(6).fill(2))), [1])])[0]))
    await close()`
  const [one, two] = await Promise.all([child(code, { DEBUG: '1' }), child(code, { DEBUG: '2' })])
  assert.match(one.out, /elementwise\/relu\.wgsl +1x1x1 +x\[2,3\] y\[2,3\]\n/)
  assert.match(one.out, /reduce\/1_naive\.wgsl +1x1x1 +x\[2,3\] y\[2\]\n/)
  // Why each rung is taken or not: too few elements for the others.
  assert.match(one.out, /\n {2}\* naive +the last that suits\n {4}workgroup +(is made for a GPU|does not pay here)\n/)
  assert.match(one.out, /\nread 6 6/)
  assert.not.match(one.out, /@compute/)
  assert.match(two.out, /---- reduce\/1_naive\.wgsl \{"OP":0\}\n[\s\S]*const OP: u32 = 0;[\s\S]*@compute/)
})

t('KERNELS=naive runs rung 1 everywhere', async () => {
  const code = `${IMPORTS}
    hooks.afterLaunch = l => { console.log('ran', l.rung.file); return [] }
    await tell(read(scope(() => [sum(persistent([5000], new Float32Array(5000).fill(1)))])[0]))
    await close()`
  const [naive, usual] = await Promise.all([
    child(code, { KERNELS: 'naive', MACHINE: 'gpu' }),
    child(code, { MACHINE: 'gpu' }),
  ])
  assert.match(naive.out, /ran reduce\/1_naive\.wgsl\nread 5000/)
  assert.match(usual.out, /ran reduce\/[2-9]_\w+\.wgsl\nread 5000/)
})

t('a shader that does not compile is reported with file and line, and no result is read after it', async () => {
  const { out } = await child(`${IMPORTS}
    import { loadSource, specialise } from './src/gpu/shader.ts'
    import { ladderNamed } from './src/gpu/kernel.ts'
    import { choose } from './src/gpu/ladder.ts'
    import { compile, variant } from './src/gpu/variant.ts'
    const rung = choose(ladderNamed('elementwise/relu'), { n: 3 })
    try { const v = { ...variant(rung, { n: 3 }) }; v.code = v.code.replaceAll('= relu(',
      '= reluu('); v.pipeline = undefined; await compile([v]) }
    catch (e) { console.log('compile', e.message) }
    const { addSource } = await import('./src/gpu/shader.ts')
    const give = (file, ...lines) => addSource(file, lines.join('\\n'))
    give('mine/good.wgsl', '// mine/good', 'fn one() -> f32 { return 1.0; }', '')
    give('mine/bad.wgsl', 'fn two() -> f32 {', '  return missing;', '}')
    const main = '@compute @workgroup_size(1) fn main() { _ = '
    give('mine/first.wgsl', '// #include "mine/good.wgsl"', '// #include "mine/bad.wgsl": two()', main + 'two(); }')
    give('mine/second.wgsl', '// #include "mine/good.wgsl"', '', '// #include "mine/good.wgsl"', main + 'three(); }')
    for (const file of ['mine/first.wgsl', 'mine/second.wgsl'])
      await compile([variant({ name: 'mine', file, grid: () => 1 }, {})]).catch(e => console.log(e.message))
    console.log('still', await read(persistent([1], Float32Array.of(7))))
    const v = variant(rung, { n: 3 }); v.code = v.code.replaceAll('= relu(', '= reluu(')
    await tell(read(scope(() => [relu(persistent([3]))])[0]))
    await close().catch(e => console.log('closed with', e.message.split('\\n')[0]))`)
  assert.match(
    out,
    /compile elementwise\/relu\.wgsl does not compile:\n {2}\S+relu\.wgsl:14: .*reluu.*\n.* y\[i\] = reluu\(/,
  )
  assert.match(out, /mine\/first\.wgsl does not compile:\n {2}mine\/bad\.wgsl:2: .*missing/)
  assert.match(out, /mine\/second\.wgsl does not compile:\n {2}mine\/second\.wgsl:4: .*three/)
  assert.match(out, /still Float32Array\(1\) \[ 7 \]/, 'what is compiled ahead and refused spoils nothing')
  assert.match(out, /error the GPU reported \d+ error/)
  assert.not.match(out, /^read/m)
  assert.match(out, /closed with the GPU reported/)
})

t.run()
