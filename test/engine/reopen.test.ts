/**
 * close() and open() again, each in a process of its own, for all other tests share one device: the same bits, nothing
 * left over, and a sentence for whoever uses what went with the old device.
 */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { child } from '../support/child.ts'

const t = suite('engine/reopen')

/** A small net; train() makes it anew and returns all its numbers after three steps, by a plan or eagerly. */
const NET = `
  import { gpu, adapterInfo } from './src/gpu/device.ts'
  import { stats } from './src/engine/buffers.ts'
  import { hooks } from './src/engine/launch.ts'
  import * as T from './src/index.ts'
  const { persistent, constant, read, release, relu, conv2d, scope, Plan } = T
  const inputs = () => [persistent([4, 3, 8, 8], Float32Array.from({ length: 768 }, (_, i) => Math.sin(i))),
    persistent([4], Uint32Array.of(0, 1, 2, 1))]
  const makeNet = () => {
    const random = new T.Random(7)
    class Net extends T.Module {
      conv = new T.Conv2d(random, 3, 8, 3, { padding: 1 })
      bn = new T.BatchNorm2d(8)
      fc = new T.Linear(random, 8, 3)
      forward(x) { return this.fc.forward(T.globalAveragePool(relu(this.bn.forward(this.conv.forward(x))))) }
    }
    return new Net()
  }
  const train = async planned => {
    const [x, labels] = inputs()
    const net = makeNet().train(true)
    const params = net.parameters()
    const adam = new T.AdamW(params)
    const step = () => {
      const { value, grads } = T.valueAndGrad(() => T.crossEntropy(net.forward(x), labels), [...params.values()])
      adam.step(grads)
      return [value]
    }
    const plan = planned && (await Plan.make(step))
    const found = []
    for (let i = 0; i < 3; i++) {
      adam.advance(0.01)
      const [loss] = plan ? plan.run() : scope(step)
      found.push(...(await read(loss)))
      if (!plan) release(loss)
    }
    for (const w of net.state().values()) found.push(...(await read(w)))
    return JSON.stringify(found)
  }
  const failure = f => Promise.resolve().then(f).then(() => 'no error', e => e.constructor.name + ': ' + e.message)`

/** Runs code with the net in a process of its own; returns the lines that it prints, without Dawn's warnings. */
async function run(code: string, env: Record<string, string> = {}, flags: readonly string[] = []): Promise<string[]> {
  const { code: exit, signal, out } = await child(`${NET}\n${code}`, { TUNE: '0', ...env }, flags)
  assert.equal([exit, signal], [0, null], out)
  return out.split('\n').filter(line => line && !line.startsWith('Warning: '))
}

t('three steps, close, open, three steps: the same bits, with a plan and eagerly', async () => {
  const lines = await run(`
    for (let round = 0; round < 2; round++) {
      await open()
      console.log(await train(true))
      console.log(await train(false))
      await close()
    }`)
  const [planned, eager, plannedAgain, eagerAgain] = lines
  assert.is(lines.length, 4)
  assert.ok((JSON.parse(planned!) as number[]).length > 250 && !planned!.includes('null'))
  assert.is(plannedAgain, planned)
  assert.is(eagerAgain, eager)
})

t('ten rounds leave nothing behind, also where garbage is collected all the time', async () => {
  const lines = await run(
    `
    for (let round = 0; round < 10; round++) {
      await open(round % 2 ? { profile: true } : { check: true })
      constant([5], round)
      await train(round % 3 !== 0)
      gc()
      console.log('stats ' + JSON.stringify(stats))
      await close()
      gc()
      await new Promise(resolve => setTimeout(resolve, 5))
      console.log('closed ' + JSON.stringify([stats, Object.keys(hooks)]))
    }`,
    {},
    ['--expose-gc'],
  )
  const found = lines.filter(line => line.startsWith('stats '))
  assert.is(found.length, 10)
  for (const kind of [0, 1, 2, 3, 4, 5])
    assert.is(new Set(found.filter((_, i) => i % 6 === kind)).size, 1, found.join())
  assert.equal(
    lines.filter(line => line.startsWith('closed ')),
    new Array(10).fill('closed [{"buffers":0,"bytes":0,"launches":0},[]]'),
  )
  assert.is(lines.filter(line => /^kernel +calls/.test(line)).length, 5)
})

t('a profile keeps no buffer of times behind a read or finish(), and counts every launch', async () => {
  const lines = await run(`
    await open({ profile: true })
    let buffers = 0
    const device = gpu, make = gpu.createBuffer
    device.createBuffer = descriptor => {
      const buffer = make.call(device, descriptor), destroy = buffer.destroy
      buffers++
      buffer.destroy = () => { buffers--; destroy.call(buffer) }
      return buffer
    }
    const x = persistent([4]), plan = await Plan.make(() => [relu(x)])
    const found = []
    for (let i = 0; i < 4; i++) {
      for (let run = 0; run < 3; run++) plan.run()
      await (i % 2 ? T.finish() : read(plan.outputs[0]))
      found.push(buffers)
    }
    console.log(JSON.stringify(found))
    await close()`)
  const found = JSON.parse(lines[0]!) as number[]
  assert.equal(new Set(found).size, 1, `buffers after each round: ${found}`)
  assert.match(lines.find(line => line.startsWith('elementwise/relu'))!, / 12 /)
})

t('who uses what went with the old device gets a sentence, and can give it back', async () => {
  const lines = await run(`
    await open()
    const x = persistent([2, 3], new Float32Array(6).fill(1)), y = persistent([2, 3])
    const kept = relu(x)
    const plan = await Plan.make(() => [relu(x)])
    const recorded = Plan.record(() => [relu(x)])
    const [output] = plan.run()
    const adam = new T.AdamW(new Map([['x', x], ['y', y]]))
    await close()
    const uses = [
      () => read(x), () => read(kept), () => read(output), () => T.write(x, new Float32Array(6)), () => plan.run(),
      () => plan.ready(), () => recorded.ready(), () => relu(x), () => adam.advance(0.1),
      () => new T.AdamW(new Map([['x', persistent([2, 3])], ['y', y]])),
      () => new T.AdamW(new Map([['x', x], ['y', y]])), () => Plan.make(() => [relu(x)]), () => T.gather([kept, kept]),
    ]
    const nothing = [() => T.finish(), () => persistent([2]), () => relu(x), () => Plan.record(() => [relu(x)])]
    for (const use of nothing) console.log('closed ' + (await failure(use)))
    for (const use of uses.slice(0, 7)) console.log(await failure(use))
    await open()
    for (const use of uses) console.log(await failure(use))
    const before = JSON.stringify(stats)
    for (const old of [x, kept, y]) release(old)
    for (const old of [plan, recorded]) old.destroy()
    console.log(JSON.stringify(stats) === before)
    console.log(await failure(() => read(x)))
    const again = persistent([2, 3], new Float32Array(6).fill(-1))
    console.log((await read(relu(again))).join())
    const late = Plan.record(() => [relu(again)])
    const making = failure(() => late.ready())
    await close()
    console.log(await making)`)
  const closed = lines.filter(line => line.startsWith('closed '))
  assert.is(closed.length, 4)
  for (const line of closed) assert.is(line, 'closed Error: no device is open: `await open()` comes first')
  const errors = lines.slice(4, -4)
  assert.is(errors.length, 7 + 13)
  const tensor = 'DeviceClosed: a tensor of shape [2,3] was made on a device that is closed; make it again after open()'
  const plan = 'DeviceClosed: this plan was made on a device that is closed; make it again after open()'
  assert.equal(errors.slice(0, 7), [tensor, tensor, tensor, tensor, plan, plan, plan])
  assert.equal(errors.slice(7, 14), [tensor, tensor, tensor, tensor, plan, plan, plan])
  for (const line of errors.slice(14))
    assert.match(line, /^DeviceClosed: .* was made on a device that is closed/, errors.join('\n'))
  assert.match(errors[14]!, 'elementwise/relu.wgsl: x [2,3] was made')
  assert.is(lines.at(-4), 'true')
  assert.match(lines.at(-3)!, 'Error: a tensor of shape [2,3] has no memory')
  assert.is(lines.at(-2), '0,0,0,0,0,0')
  assert.is(lines.at(-1), plan)
})

t('a lost device: close() and open() give a fresh one, and so does open() alone', async () => {
  const [first, ...lines] = await run(`
    await open({ profile: true })
    console.log(await train(true))
    const x = persistent([2])
    gpu.destroy()
    await gpu.lost
    console.log(await failure(() => read(x)))
    console.log(await failure(close)) // it has been told
    await open()
    console.log(await failure(() => read(x)))
    console.log(await train(true))
    gpu.destroy()
    await gpu.lost
    console.log(await failure(close)) // nobody has been told, but it is closed
    await open()
    gpu.destroy()
    await gpu.lost
    await Promise.all([open(), open()])
    console.log(await train(true))
    await close()`)
  const lost = /^DeviceLost: the GPU device was lost \(destroyed\)/
  assert.match(lines[0]!, lost)
  assert.is(lines[1], 'no error')
  assert.match(lines[2]!, /^DeviceClosed: a tensor of shape \[2\]/)
  assert.is(lines[3], first)
  assert.match(lines[4]!, lost)
  assert.is(lines[5], first)
  assert.is(lines.length, 6)
})

t('a read that fails before the loss of the device is told says the loss, and else its own error', async () => {
  const lines = await run(`
    const fails = async isLost => {
      await open()
      const [x, device] = [persistent([2]), gpu]
      GPUBuffer.prototype.mapAsync = async () => {
        if (isLost) setTimeout(() => device.destroy(), 20)
        throw new Error('the buffer was unmapped')
      }
      GPUQueue.prototype.onSubmittedWorkDone = GPUBuffer.prototype.mapAsync
      console.log(await failure(() => read(x)))
      console.log(await failure(T.finish))
      await close().catch(() => {})
    }
    await fails(true)
    await fails(false)`)
  const lost = 'DeviceLost: the GPU device was lost (destroyed): device was destroyed'
  const own = 'Error: the buffer was unmapped'
  assert.equal(lines, [lost, lost, own, own])
})

t('calls at the same time share one opening, and wait for a closing', async () => {
  const lines = await run(`
    let devices = 0
    const fresh = async options => {
      const before = gpu
      await Promise.all([open(options), open(), open(options)])
      if (gpu !== before) devices++
    }
    await fresh({ kernels: 'naive' })
    const x = persistent([3], Float32Array.of(1, 2, 3))
    await fresh()
    console.log(devices)
    console.log(await failure(() => open({ kernels: 'fast', debug: 1 })))
    const reading = read(x), verdict = failure(() => reading)
    const closings = [close(), close()]
    await fresh({ check: true })
    await Promise.all(closings)
    console.log(devices + ' ' + (await verdict))
    console.log((await read(persistent([2], Float32Array.of(4, 5)))).join())
    const opening = failure(open)
    await Promise.all([close(), opening, close()])
    await close()
    console.log(await failure(() => persistent([2])))
    const both = [open(), close()]
    await Promise.all(both)
    console.log(await failure(() => persistent([2])))`)
  assert.is(lines[0], '1')
  assert.match(
    lines[1]!,
    /^Error: open: the device is open already, with other options \(kernels, debug\): close\(\) it/,
  )
  assert.match(lines[2]!, /^2 (no error|DeviceClosed: .*)$/)
  assert.is(lines[3], '4,5')
  for (const line of lines.slice(4, 6)) assert.match(line, 'no device is open')
  assert.is(lines.length, 6)
})

t('an opening that fails leaves nothing behind: the next one is as good as the first', async () => {
  const lines = await run(`
    const ask = { features: new Set(), limits: {}, info: {}, requestDevice: async () => { throw new Error('no') } }
    const { switches } = await import('./src/gpu/switches.ts')
    console.log(await failure(() => open({ adapter: ask, kernels: 'naive' })) + ' ' + switches.naive)
    console.log(await failure(() => open({ plainDevice: true, profile: true })))
    console.log(await failure(() => persistent([2])))
    await open({ debug: 1 })
    await read(relu(persistent([4])))
    await close()`)
  assert.is(lines[0], 'Error: no false')
  assert.match(lines[1]!, /a profile \(PROFILE=1\) needs an adapter with the feature timestamp-query/)
  assert.match(lines[2]!, 'no device is open')
  assert.match(lines[3]!, /^elementwise\/relu\.wgsl/)
  assert.not.match(lines.join('\n'), /naive/)
})

t('what the tuner has measured outlasts the device on the same adapter, and no other', async () => {
  const lines = await run(`
    const { pick } = await import('./src/gpu/ladder.ts')
    const { ladderNamed } = await import('./src/gpu/kernel.ts')
    const ladder = ladderNamed('elementwise/relu'), p = { n: 8 }
    await open()
    pick(ladder, p, ladder.rungs[0])
    await close(); await open()
    console.log(JSON.stringify(T.choices()))
    await close(); await open({ f16: true })
    console.log(JSON.stringify(T.choices()))
    pick(ladder, p, ladder.rungs[0])
    await close(); await open({ plainDevice: true })
    console.log(JSON.stringify(T.choices()))
    await close()`)
  assert.equal(lines, ['{"elementwise/relu":{"{\\"n\\":8}":"lanes"}}', '{}', '{}'])
})

t.run()
