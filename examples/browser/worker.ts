/** The worker: opens the device, then does what the panels ask for. A call may be answered while another one runs. */
import { lossOfDevice } from '../../src/gpu/device.ts'
import { adapterInfo, open } from '../../src/index.ts'
import { handlers as bench } from './bench_worker.ts'
import { handlers as check } from './check_worker.ts'
import { handlers as look } from './look_worker.ts'
import type { Answer, Call, Opening } from './messages.ts'
import { messageOf } from './messages.ts'
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

/** The error for the reader. A device that is lost fails in many ways: then the loss is told, and what to do. */
async function sentenceOn(error: unknown): Promise<string> {
  const loss = await lossOfDevice()
  return loss ? `Reload the page, which opens a new device: ${loss.message}` : messageOf(error)
}

async function run({ id, panel, name, argument }: Call): Promise<void> {
  try {
    const f = panels[panel]?.[name] as ((a: unknown, emit: (event: unknown) => void) => unknown) | undefined
    if (!f) throw new Error(`the worker has no function ${name} of the panel ${panel}`)
    send({ id, result: await f(argument, event => send({ id, event })) })
  } catch (error) {
    send({ id, error: await sentenceOn(error) })
  }
}

addEventListener('message', ({ data }: MessageEvent<Opening | Call>) => {
  void ('id' in data ? run(data) : start(data))
})
