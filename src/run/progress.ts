/** Progress: a live bar on a terminal, a plain line now and then when piped. */
import { Presets, SingleBar } from 'cli-progress'

/** Seconds as 1:05 or 1:02:03. */
export function duration(seconds: number): string {
  const s = Math.max(0, Math.round(seconds))
  const h = Math.floor(s / 3600)
  const m = Math.floor(s / 60) % 60
  const two = (n: number) => `${n}`.padStart(2, '0')
  return h ? `${h}:${two(m)}:${two(s % 60)}` : `${m}:${two(s % 60)}`
}

export interface Progress {
  update(done: number, text: string): void
  stop(): void
}

/** How often a piped run says where it is. */
const LINE_EVERY_MS = 10_000

export function progress(title: string, total: number): Progress {
  if (process.stdout.isTTY) {
    const bar = new SingleBar(
      { format: `${title} {bar} {value}/{total}  {text}`, barsize: 24, hideCursor: true, clearOnComplete: true },
      Presets.shades_classic,
    )
    bar.start(total, 0, { text: '' })
    return {
      update: (done, text) => {
        bar.update(done, { text })
      },
      stop: () => {
        bar.stop()
      },
    }
  }
  let last = performance.now()
  return {
    update(done, text) {
      if (performance.now() - last < LINE_EVERY_MS) return
      last = performance.now()
      console.log(`${title} ${done}/${total}  ${text}`)
    },
    stop() {},
  }
}
