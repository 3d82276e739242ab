/** The worker: opens the device, then does what the panels ask for. A call may be answered while another one runs. */
import { adapterInfo, open } from '../../src/index.ts'
import { handlers as bench } from './bench_worker.ts'
import { handlers as check } from './check_worker.ts'
import { messageOf } from './dom.ts'
import { handlers as look } from './look_worker.ts'
import type { Answer, Call, Opening } from './messages.ts'
import type { Handlers } from './panel.ts'
import { handlers as train } from './train_worker.ts'

const panels: Readonly<Record<string, Handlers>> = { look, train, bench, check }
const send = (answer: Answer): void => postMessage(answer)

async function start({ software }: Opening): Promise<void> {
  try {
    await open(software ? { machine: 'cpu' } : {})
    send({ opened: { ...adapterInfo, software: adapterInfo.software || software } })
  } catch (error) {
    send({ problem: messageOf(error) })
  }
}

async function run({ id, panel, name, argument }: Call): Promise<void> {
  try {
    const f = panels[panel]?.[name] as ((a: unknown, emit: (event: unknown) => void) => unknown) | undefined
    if (!f) throw new Error(`the worker has no function ${name} of the panel ${panel}`)
    send({ id, result: await f(argument, event => send({ id, event })) })
  } catch (error) {
    send({ id, error: messageOf(error) })
  }
}

addEventListener('message', ({ data }: MessageEvent<Opening | Call>) => {
  void ('id' in data ? run(data) : start(data))
})
