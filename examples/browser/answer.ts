/** The worker's half of the connection: opens the device, then does what the page asks for. */
import { lossOfDevice, machine } from '../../src/gpu/device.ts'
import { type AdapterInfo, adapterInfo, open } from '../../src/index.ts'
import type { Answer, Call, Opening } from './messages.ts'
import { messageOf } from './messages.ts'
import type { Handlers } from './panel.ts'

/** The adapter; some browsers do not tell that one is software, and the reader may have. */
export const adapter = (): AdapterInfo => ({ ...adapterInfo, software: machine() === 'cpu' })

const send = (answer: Answer): void => postMessage(answer)

async function start({ software }: Opening): Promise<void> {
  try {
    await open(software ? { machine: 'cpu' } : {})
    send({ opened: adapter() })
  } catch (error) {
    send({ problem: messageOf(error) })
  }
}

/** The error for the reader. A device that is lost fails in many ways: then the loss is told, and what to do. */
export async function sentenceOn(error: unknown): Promise<string> {
  const loss = await lossOfDevice()
  return loss ? `Reload the page, which opens a new device: ${loss.message}` : messageOf(error)
}

/**
 * Answers the page's calls from now on, by panel and name. A call may be answered while another one runs, but for the
 * run of the panel Bench: it waits for the other panels, and they wait for it, because they would spoil its figures.
 */
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
  const others = new Set<Promise<void>>()
  let bench: Promise<void> | undefined
  const answer = async (call: Call): Promise<void> => {
    if (call.panel !== 'bench') {
      await bench
      const answered = run(call)
      others.add(answered)
      await answered
      others.delete(answered)
    } else if (call.name === 'run') {
      while (others.size) await Promise.all(others)
      const answered = run(call)
      bench ??= answered // a second one is refused at once
      await answered
      if (bench === answered) bench = undefined
    } else await run(call)
  }
  addEventListener('message', ({ data }: MessageEvent<Opening | Call>) => {
    void ('id' in data ? answer(data) : start(data))
  })
}
