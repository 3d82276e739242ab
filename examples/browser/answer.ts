/** The worker's half of the connection: opens the device, then does what the page asks for. */
import { lossOfDevice } from '../../src/gpu/device.ts'
import { adapterInfo, open } from '../../src/index.ts'
import type { Answer, Call, Opening } from './messages.ts'
import { messageOf } from './messages.ts'
import type { Handlers } from './panel.ts'

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

/** Answers the page's calls from now on, by panel and name. A call may be answered while another one runs. */
export function answerCalls(panels: Readonly<Record<string, Handlers>>): void {
  const run = async ({ id, panel, name, argument }: Call): Promise<void> => {
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
}
