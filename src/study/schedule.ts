/** Trains the runs of an ablation, several at a time, each in a process of its own. */
import { spawn } from 'node:child_process'
import { createWriteStream, mkdirSync, writeFileSync } from 'node:fs'
import { availableParallelism, constants } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { duration } from '../run/progress.ts'
import { outliveTerminal } from '../run/terminal.ts'
import { DIVERGED } from '../run/trouble.ts'
import { ARMS } from '../train/arms.ts'
import { begun, checkSettings, DIVERGED_FILE, diverged, finished, ready } from './runs.ts'
import { flagsOf, type Wanted } from './wanted.ts'

/** How often a run that waits for another one's attention net looks for it. */
const LOOK_EVERY_MS = 500

/** The TypeScript loader. Node would look the bare name `tsx` up from where the user stands. */
const LOADER = import.meta.resolve('tsx')

/** Trains one run; rejects where that fails. */
export type TrainOne = (wanted: Wanted) => Promise<void>

/**
 * Trains the runs that are not finished, `jobs` at a time, in the order given, except that what takes its attention net
 * from another run waits for that. After the first failure no other run is started, and those under way are waited for.
 * @throws that failure; where a folder holds other settings; where a run waits for what will never be there.
 */
export async function trainAll(wanted: readonly Wanted[], jobs: number, trainOne: TrainOne): Promise<void> {
  for (const w of wanted) checkSettings(w)
  const left = wanted.filter(w => !finished(w))
  const started = performance.now()
  const total = left.length
  if (wanted.length > total) console.log(`${wanted.length - total} of ${wanted.length} runs are there already`)
  let done = 0
  let busy = 0
  let failed: Error | undefined
  const work = async (): Promise<void> => {
    while (left.length && !failed) {
      const next = left.findIndex(ready)
      if (next < 0) {
        if (!busy) throw neverReady(left[0]!)
        await sleep(LOOK_EVERY_MS)
        continue
      }
      const [w] = left.splice(next, 1) as [Wanted]
      console.log(beginningOf(w))
      busy++
      try {
        await trainOne(w)
      } catch (error) {
        failed ??= error as Error
        return
      } finally {
        busy--
      }
      done++
      console.log(`${w.folder}: done; ${done} of ${total} runs after ${duration((performance.now() - started) / 1000)}`)
    }
  }
  await Promise.all(Array.from({ length: jobs }, work))
  if (failed) throw failed
}

const beginningOf = ({ folder, arm, lr, seed, heldOut }: Wanted): string =>
  `${folder}: ${ARMS[arm].title}, rate ${lr}, seed ${seed}${heldOut ? ', tested on held-out images' : ''}`

const neverReady = ({ folder, attentionFrom }: Wanted): Error =>
  new Error(
    `${folder} waits for the attention net of ${attentionFrom}, which has none that could be shared: ` +
      (diverged({ folder: attentionFrom! })
        ? "it diverged in its own epochs, by the preset's rate, which --rates does not change: take another --preset"
        : 'delete that folder, and it is trained again'),
  )

/**
 * Trains one run by the script `train`, as its own process, beside `jobs` - 1 others. All it prints is in
 * <folder>.log, its epochs on the terminal, too. One that was to choose a rate, and diverged by it, is done.
 */
export async function trainInProcess(w: Wanted, train: string, jobs: number): Promise<void> {
  const { folder } = w
  mkdirSync(dirname(folder), { recursive: true })
  // Each software adapter would take all cores for itself.
  const threads = jobs > 1 ? { LP_NUM_THREADS: `${Math.max(1, Math.floor(availableParallelism() / jobs))}` } : {}
  // The data may have moved since it began.
  const flags = begun(w) ? ['--resume', folder, ...(w.data === undefined ? [] : ['--data', w.data])] : flagsOf(w)
  const child = spawn(process.execPath, ['--import', LOADER, train, ...flags], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...threads, ...process.env },
  })
  const stop = () => child.kill()
  process.once('exit', stop)
  const log = createWriteStream(`${folder}.log`, { flags: 'a' })
  // The run is worth more than its log: a full disk may have room again when the run saves.
  log.on('error', ({ message }) => console.warn(`warning: ${folder}.log is cut off: ${message}`))
  const problems: string[] = []
  createInterface({ input: child.stdout }).on('line', line => {
    log.write(`${line}\n`)
    if (/^epoch .* images\/s {2}[0-9:]+$|^resuming/.test(line)) console.log(`${basename(folder)}: ${line}`)
  })
  createInterface({ input: child.stderr }).on('line', line => {
    log.write(`${line}\n`)
    // All that follows an error belongs to it: it says what to do.
    if (problems.length || line.startsWith('error:')) problems.push(line)
    if (line.startsWith('warning:')) console.warn(`${basename(folder)}: ${line}`)
  })
  const status = await new Promise<number | string>((resolved, rejected) => {
    child.once('error', rejected)
    child.once('close', (code, signal) => resolved(code ?? signal!))
  }).finally(() => {
    process.off('exit', stop)
    log.end()
  })
  if (status === DIVERGED && w.heldOut) {
    writeFileSync(join(folder, DIVERGED_FILE), `${problems.join('\n')}\n`)
    console.log(`${basename(folder)}: its numbers are no longer finite, so rate ${w.lr} counts as 0 % right`)
  } else if (status)
    throw new Error(
      [
        `the run in ${folder} ended with ${typeof status === 'number' ? `exit ${status}` : status}; its log is ` +
          `${folder}.log`,
        ...problems.map(line => `  ${line}`),
        status === DIVERGED
          ? 'In an ablation all runs of an arm have one rate: begin another by lower --rates, in another --out'
          : 'What is done stays done: start this command again to go on',
      ].join('\n'),
    )
}

/**
 * Ends this process on a signal with its 'exit' event, which stops the runs. Without it they would go on, and a second
 * start would find them in its way. Without a terminal a hangup ends nothing, as in a run of its own.
 */
export function stopOnSignals(): void {
  outliveTerminal()
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    if (signal !== 'SIGHUP' || process.stdout.isTTY)
      process.once(signal, () => process.exit(128 + constants.signals[signal]))
}
