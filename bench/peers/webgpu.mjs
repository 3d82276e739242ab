/** WebGPU for the peers, from the same package as ours, and the same wait. */
import { create, globals } from 'webgpu'

process.env.XDG_RUNTIME_DIR ??= process.env.TMPDIR ?? '/tmp'
Object.assign(globalThis, globals)
Object.defineProperty(globalThis, 'navigator', {
  value: { gpu: create([]), userAgent: 'node', language: 'en', hardwareConcurrency: 2 },
  configurable: true,
  writable: true,
})

// Dawn's Node binding polls for results in a busy loop, which takes a core from an adapter that runs on the CPU. We nap
// between polls (src/gpu/device.ts), so with NAP=1 everyone does.
if (process.env.NAP === '1') {
  const bell = new Int32Array(new SharedArrayBuffer(4))
  let pending = 0
  const loop = () => {
    if (!pending) return
    Atomics.wait(bell, 0, 0, 0.5)
    setImmediate(loop)
  }
  for (const [type, method] of [
    [GPUBuffer, 'mapAsync'],
    [GPUQueue, 'onSubmittedWorkDone'],
  ]) {
    const original = type.prototype[method]
    type.prototype[method] = function (...args) {
      const promise = original.apply(this, args)
      const done = () => {
        pending--
      }
      if (!pending++) setImmediate(loop)
      promise.then(done, done)
      return promise
    }
  }
}
