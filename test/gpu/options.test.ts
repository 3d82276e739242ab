/** The options of open(): each one is a switch, comes before the environment, and is checked. */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { checkedOptions, type OpenOptions } from '../../src/gpu/options.ts'
import { checkSwitches, switches, useOptions } from '../../src/gpu/switches.ts'
import { child } from '../support/child.ts'
import { setVariable } from '../support/variable.ts'

const t = suite('gpu/options')

/** A switch: its variable, two options, what they make of it, and the variable with what it makes of it. */
type Case = readonly [name: keyof typeof switches, variable: string, of: readonly Of[], set: string, without: unknown]
type Of = readonly [option: OpenOptions, value: unknown]

const both = (name: keyof OpenOptions): Of[] => [
  [{ [name]: true }, true],
  [{ [name]: false }, false],
]
const CASES: readonly Case[] = [
  ['debug', 'DEBUG', [...both('debug').map(([o, v]): Of => [o, Number(v)]), [{ debug: 2 }, 2]], '1', 1],
  ['profile', 'PROFILE', both('profile'), '1', true],
  ['check', 'CHECK', both('check'), '1', true],
  [
    'naive',
    'KERNELS',
    [
      [{ kernels: 'naive' }, true],
      [{ kernels: 'fast' }, false],
    ],
    'naive',
    true,
  ],
  ['plan', 'PLAN', both('plan'), '0', false],
  [
    'machine',
    'MACHINE',
    [
      [{ machine: 'cpu' }, 'cpu'],
      [{ machine: 'gpu' }, 'gpu'],
    ],
    'gpu',
    'gpu',
  ],
  ['plainDevice', 'DEVICE', both('plainDevice'), 'plain', true],
  ['backend', 'BACKEND', [[{ backend: 'vulkan' }, 'vulkan']], 'null', 'null'],
  ['tune', 'TUNE', both('tune'), '1', true],
  ['tuneCache', 'TUNE_CACHE', [[{ tuneCache: 'a' }, 'a']], 'b', 'b'],
  ['winograd', 'WINOGRAD', both('winograd'), '1', true],
  ['f16', 'F16', both('f16'), '1', true],
  ['memory', 'MEMORY', [[{ memory: 0.5 }, 0.5]], '8', 8],
]

function withEnvironment(name: string, value: string, body: () => void): void {
  const putBack = setVariable(name, value)
  try {
    body()
  } finally {
    useOptions({})
    putBack()
  }
}

t('each switch but the folder for caches is an option', () => {
  const ours = CASES.map(([name]) => name)
  assert.equal(
    ours.sort(),
    Object.keys(switches)
      .filter(name => name !== 'cacheFolder')
      .sort(),
  )
})

t('an option comes before the environment; what is not given is as the environment says', () => {
  for (const [name, variable, of, set, without] of CASES) {
    withEnvironment(variable, set, () => {
      assert.is(switches[name], without, name)
      for (const [option, value] of of) {
        useOptions(checkedOptions(option))
        assert.is(switches[name], value, `${name} by ${JSON.stringify(option)}`)
      }
      useOptions(checkedOptions({ [Object.keys(of[0]![0])[0]!]: undefined }))
      assert.is(switches[name], without, `${name} by undefined`)
    })
  }
})

t('a variable that is set to what its switch does not take is refused with what there is', () => {
  const refused: readonly (readonly [variable: string, value: string, message: string])[] = [
    ['KERNELS', 'navie', 'KERNELS is naive or fast, found "navie"'],
    ['MACHINE', 'tpu', 'MACHINE is cpu or gpu, found "tpu"'],
    ['DEVICE', 'plian', 'DEVICE is plain, found "plian"'],
    ...['PROFILE', 'CHECK', 'PLAN', 'TUNE', 'WINOGRAD', 'F16'].map(
      name => [name, 'yes', `${name} is 0 or 1, found "yes"`] as const,
    ),
    ...['8GB', '0', '-1'].map(
      value => ['MEMORY', value, `MEMORY is a number of GiB above 0, such as 8, found "${value}"`] as const,
    ),
  ]
  for (const [variable, value, message] of refused) {
    withEnvironment(variable, value, () => assert.throws(checkSwitches, (e: Error) => e.message === message))
    withEnvironment(variable, '', () => assert.not.throws(checkSwitches))
  }
  withEnvironment('DEBUG', 'express:*', () => assert.is(switches.debug, 0))
})

t('open() looks at the variables', async () => {
  const { out } = await child('await open().catch(error => console.log(error.message))', { KERNELS: 'navie' })
  assert.match(out, /KERNELS is naive or fast, found "navie"/)
})

t('an option that there is not, and a value that is none, are named with what there is', () => {
  const refused: readonly [unknown, RegExp][] = [
    [{ profil: true }, /^open: there is no option profil; there are debug, profile, .*, adapter$/],
    [{ toString: true }, /there is no option toString; there are/],
    [{ profile: 1 }, /^open: profile is true or false, found 1$/],
    [{ profile: 'false' }, /profile is true or false, found "false"/],
    [{ debug: 3 }, /debug is false or true or 0 or 1 or 2, found 3/],
    [{ kernels: 'slow' }, /kernels is "naive" or "fast", found "slow"/],
    [{ machine: 'tpu' }, /machine is "cpu" or "gpu", found "tpu"/],
    [{ backend: '' }, /backend is a text, found ""/],
    [{ memory: 0 }, /memory is a number of GiB above 0, found 0/],
    [{ memory: '8' }, /memory is a number of GiB above 0, found "8"/],
    [{ memory: Number.NaN }, /memory is a number of GiB above 0, found NaN/],
    [{ adapter: null }, /adapter is a GPUAdapter, found null/],
    [{ powerPreference: 'high' }, /powerPreference is "high-performance" or "low-power", found "high"/],
    ['profile', /^open: options are an object, such as \{ profile: true \}; found "profile"$/],
    [null, /options are an object.*found null/],
  ]
  for (const [options, message] of refused) assert.throws(() => checkedOptions(options as OpenOptions), message)
})

t('open() takes them: a plain device, each launch printed, against the environment', async () => {
  const { code, out } = await child(
    `
    import { adapterInfo } from './src/gpu/device.ts'
    import { persistent, read } from './src/engine/transfer.ts'
    import { relu } from './src/ops/elementwise.ts'
    const wrong = await open({ plain: true }).catch(error => error.message)
    await open({ plainDevice: true, debug: true, kernels: 'fast', powerPreference: 'low-power' })
    await read(relu(persistent([4])))
    console.log(JSON.stringify([wrong.split(';')[0], adapterInfo.features.includes('timestamp-query')]))
    await close()`,
    { DEBUG: '0', KERNELS: 'naive' },
  )
  assert.match(out, /^elementwise\/relu\.wgsl .* x\[4\] y\[4\]/m)
  assert.not.match(out, /KERNELS=naive/)
  assert.match(out, '["open: there is no option plain",false]')
  assert.is(code, 0, out)
})

t('an adapter of your own is the one that is opened', async () => {
  const { code, out } = await child(`
    import { gpu, openDevice } from './src/gpu/device.ts'
    const asked = []
    const adapter = { features: new Set(), limits: {}, info: { vendor: 'mine', architecture: '', device: '',
      description: 'made up' }, requestDevice: d => { asked.push(d); throw new Error('asked for a device') } }
    console.log(await open({ adapter }).catch(error => error.message))
    console.log(JSON.stringify(asked.length))`)
  assert.match(out, /asked for a device\n1/)
  assert.is(code, 0, out)
})

t.run()
