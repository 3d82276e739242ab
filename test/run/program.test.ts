/** The end of a program: one error, the first, and none of them as a stack. */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { child } from '../support/child.ts'

const t = suite('run/program')

/** A program that gets the device into trouble, of which close() tells, and then does something. */
const troubled = (then: string) =>
  child(`
    import { runProgram } from './src/run/program.ts'
    import { gpu } from './src/gpu/device.ts'
    await runProgram(async () => {
      await open()
      gpu.createBuffer({ size: 16, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.MAP_WRITE })
      ${then}
    })`)
const errors = (out: string): string[] => out.split('\n').filter(line => /error|^ {4}at /i.test(line))

t('close() does not hide the first error behind its own, and its own is told where it is the first', async () => {
  const [first, own] = await Promise.all([troubled("throw new Error('no birds')"), troubled('')])
  assert.equal([first.code, errors(first.out)], [1, ['error: no birds']])
  assert.equal([own.code, errors(own.out).slice(0, 1)], [1, ['error: the GPU reported 1 error(s); the first:']])
  assert.not.match(own.out, /^ {4}at /m)
})

t.run()
