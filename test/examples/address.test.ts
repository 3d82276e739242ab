/** The address of the page: written seldom enough for browsers, and the last state always comes to be there. */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { stateOf, writeAddress } from '../../examples/browser/address.ts'

const t = suite('examples/address')
const pause = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms))
const written: string[] = []
let refuses = false

t.before(() => {
  const replaceState = (_: unknown, __: string, hash: string): void => {
    if (refuses) throw new Error('Attempt to use history.replaceState() more than 100 times per 30 seconds')
    written.push(hash)
  }
  Object.assign(globalThis, { location: { hash: '#look?gamma=2', search: '' }, history: { replaceState } })
})

// Other tests of this process would take it for a page.
t.after(() => {
  for (const name of ['location', 'history']) Reflect.deleteProperty(globalThis, name)
})

t('a slider that moves writes seldom, and its last value is in the address at the end', async () => {
  const state = stateOf('look')
  assert.is(state.get('gamma'), '2')
  writeAddress('look')
  assert.equal(written.splice(0), ['#look?gamma=2'])
  const start = performance.now()
  for (let i = 0; i < 50; i++) {
    state.set({ gamma: `${i}` })
    await pause(10)
  }
  await pause(350)
  assert.is(written.at(-1), '#look?gamma=49')
  const most = 1 + (performance.now() - start) / 300
  assert.ok(written.length <= most, `${written.length} times, and at most ${most} were expected`)
  written.length = 0
})

t('another panel is there at once', () => {
  writeAddress('train')
  writeAddress('look')
  assert.equal(written.splice(0), ['#train', '#look?gamma=49'])
})

t('a browser that refuses stops nobody', async () => {
  refuses = true
  const state = stateOf('look')
  state.set({ dense: '3' })
  await pause(350)
  refuses = false
  assert.equal(written, [])
  await pause(3100)
  assert.equal(written.splice(0), ['#look?gamma=49&dense=3'], 'it is tried again')
})

t.run()
