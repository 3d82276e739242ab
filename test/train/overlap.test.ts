/** Two pieces of work in flight: the order of launches and results, errors, and consumers that leave. */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { overlapped } from '../../src/train/overlap.ts'

const t = suite('train/overlap')

async function* upTo(n: number, log: string[] = []): AsyncGenerator<number> {
  try {
    for (let i = 0; i < n; i++) yield i
  } finally {
    log.push('closed')
  }
}
const later = (ms = 5) => new Promise<void>(resolve => setTimeout(resolve, ms))

/** Runs `body`, and returns the rejections that nobody handled meanwhile. */
async function unhandled(body: () => Promise<void>): Promise<unknown[]> {
  const found: unknown[] = []
  const note = (reason: unknown) => found.push(reason)
  process.on('unhandledRejection', note)
  try {
    await body()
    await later(20)
  } finally {
    process.off('unhandledRejection', note)
  }
  return found
}

t('an item is launched before the result of the one before it is given', async () => {
  const log: string[] = []
  const launch = async (item: number, index: number) => {
    log.push(`launch ${item}`)
    await later(item === 0 ? 15 : 1)
    return 10 * item + index
  }
  for await (const { result, settled } of overlapped(upTo(3), launch)) log.push(`result ${result}${settled ? '.' : ''}`)
  assert.equal(log, ['launch 0', 'launch 1', 'result 0', 'launch 2', 'result 11', 'result 22.'])
})

t('where it settles, nothing is in flight, and the next item is launched behind the result', async () => {
  const log: string[] = []
  const launch = async (item: number) => {
    log.push(`launch ${item}`)
    await later(1)
    return item
  }
  const settle = (index: number) => index === 1 || index === 3
  for await (const { result, settled } of overlapped(upTo(4), launch, settle))
    log.push(`result ${result}${settled ? '.' : ''}`)
  assert.equal(log, [
    ...['launch 0', 'launch 1', 'result 0', 'result 1.'],
    ...['launch 2', 'launch 3', 'result 2', 'result 3.', 'closed'].slice(0, 4),
  ])
})

t('none and one', async () => {
  const all = async (n: number) => {
    const found: number[] = []
    for await (const { result } of overlapped(upTo(n), async i => i)) found.push(result)
    return found
  }
  assert.equal(await all(0), [])
  assert.equal(await all(1), [0])
})

t('an error is thrown in its turn, after all results before it, and once what is in flight has ended', async () => {
  const log: string[] = []
  const launch = async (item: number) => {
    await later(item === 3 ? 20 : 1)
    if (item === 2) throw new Error('two')
    if (item === 3) log.push('three ended')
    return item
  }
  const left = await unhandled(async () => {
    try {
      for await (const { result } of overlapped(upTo(9, log), launch)) log.push(`${result}`)
      assert.unreachable('item 2 fails')
    } catch (error) {
      assert.is((error as Error).message, 'two')
    }
  })
  assert.equal(log, ['0', '1', 'closed', 'three ended'])
  assert.equal(left, [])
})

t('what fails in flight after the consumer has left is dropped', async () => {
  const log: string[] = []
  let failed = false
  const launch = async (item: number) => {
    await later()
    if (item === 1) {
      failed = true
      throw new Error('nobody waits for this')
    }
    return item
  }
  const left = await unhandled(async () => {
    for await (const { result } of overlapped(upTo(9, log), launch)) {
      assert.is(result, 0)
      break
    }
    assert.is(failed, true) // nothing is in flight any more
  })
  assert.equal(log, ['closed'])
  assert.equal(left, [])
})

t('a launch that throws ends it', async () => {
  const launch = (item: number): Promise<number> => {
    if (item === 1) throw new Error('no such launch')
    return Promise.resolve(item)
  }
  try {
    for await (const _ of overlapped(upTo(3), launch))
      assert.unreachable('the first result comes with the second launch')
    assert.unreachable('the second launch throws')
  } catch (error) {
    assert.is((error as Error).message, 'no such launch')
  }
})

t.run()
