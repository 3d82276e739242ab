/** A thread for a DecodePool that dies of some files, in the way that their names say, and answers others. */
import { parentPort } from 'node:worker_threads'
import type { Order, Report } from '../../src/data/feed/pool.ts'

parentPort!.on('message', ({ id, file, size }: Order) => {
  if (file === 'exit') process.exit(3)
  if (file === 'throw') throw new Error('out of luck')
  if (file === 'hang') for (;;);
  const image = { width: size, height: size, rgb: new Uint8Array(size * size * 3) }
  const report: Report = { id, loaded: { image, stored: 0 } }
  parentPort!.postMessage(report)
})
