/** Parts of the tests, each in a process of its own, at the same time: two cores are busier than with one process. */
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** The outcome of a process that runs a part. */
interface Part {
  readonly passed: number
  readonly failed: number
}

/** The last line of a run. */
const VERDICT = /(\d+) passed, (\d+) failed\s*$/

/**
 * Starts a program once for each part, which it finds in the variable PART. The first one's output is shown as it
 * comes, that of the others when those before have ended. Prints the sum, `N passed, N failed`, last; a part that ended
 * without such a line counts as a failure. Returns the exit code.
 */
export async function runParts(program: string, parts: readonly string[]): Promise<0 | 1> {
  let shown: Promise<unknown> = Promise.resolve()
  const running = parts.map(part => {
    const outcome = runPart(program, part, shown)
    shown = outcome
    return outcome
  })
  const ran = await Promise.all(running)
  const sum = (of: keyof Part): number => ran.reduce((n, r) => n + r[of], 0)
  console.log(`\n${sum('passed')} passed, ${sum('failed')} failed`)
  return sum('failed') ? 1 : 0
}

/** One part; its output waits for `turn`. */
async function runPart(program: string, part: string, turn: Promise<unknown>): Promise<Part> {
  const child = spawn(process.execPath, ['--import', 'tsx', fileURLToPath(program)], {
    env: { ...process.env, PART: part },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let waiting: (() => void)[] | undefined = []
  let last = ''
  const show = (stream: NodeJS.WriteStream) => (text: Buffer) => {
    const write = () => void stream.write(text)
    if (waiting) waiting.push(write)
    else write()
  }
  child.stdout.on('data', (text: Buffer) => {
    last = (last + text.toString()).slice(-200)
  })
  child.stdout.on('data', show(process.stdout))
  child.stderr.on('data', show(process.stderr))
  const ended = new Promise<number | null>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', resolve)
  })
  await turn
  console.log(`\n== the tests of ${part} ==`)
  for (const write of waiting) write()
  waiting = undefined
  const code = await ended
  const [, passed, failed] = VERDICT.exec(last) ?? []
  if (passed !== undefined && (code === 0) === (failed === '0'))
    return { passed: Number(passed), failed: Number(failed) }
  console.error(`the tests of ${part} did not come to an end: exit code ${code}`)
  return { passed: Number(passed ?? 0), failed: Number(failed ?? 0) + 1 }
}
