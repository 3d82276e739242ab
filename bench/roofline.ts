/** The best that this adapter can do, by shaders that do nothing else: multiply-adds out of registers, and copying. */
import { machineClocks } from '../src/engine/tune/clocks.ts'
import { gpu } from '../src/gpu/device.ts'
import type { Roofline } from './share.ts'
import { timed } from './timed.ts'

const CHAINS = 8
/** Multiply-adds of a chain, and four times as many until the shader takes as long as it is to be timed. */
const FEWEST_ROUNDS = 256
const MOST_ROUNDS = 2 ** 16
/** The tick of a clock is small against this; of the host's, what a submit costs, too. */
const longEnoughMs = (): number => (machineClocks.timestamps ? 8 : 25)
const MOST_TIMES = 1024
/** Eight independent chains of vec4 multiply-adds, so that no one waits for its own last result. */
const chains = (each: (name: string, i: number) => string, by: string): string =>
  Array.from({ length: CHAINS }, (_, i) => each(`c${i}`, i)).join(by)
const multiplyAdd = (WG: number, rounds: number) => `
@group(0) @binding(0) var<storage, read_write> y: array<f32>;
@compute @workgroup_size(${WG})
fn main(@builtin(global_invocation_id) id: vec3u) {
  let m = vec4f(1.0 + f32(id.x & 1u) * 1e-6);
  ${chains((c, i) => `var ${c} = vec4f(f32(id.x + ${i}u));`, ' ')}
  for (var i = 0u; i < ${rounds}u; i++) { ${chains(c => `${c} = fma(${c}, m, m);`, ' ')} }
  let s = ${chains(c => c, ' + ')};
  y[id.x] = s.x + s.y + s.z + s.w;
}`
/** Each workgroup copies a strip: neighbouring lanes neighbouring elements. */
const copy = (WG: number, strip: number, type: string) => `
@group(0) @binding(0) var<storage, read_write> y: array<${type}>;
@group(0) @binding(1) var<storage, read> x: array<${type}>;
@compute @workgroup_size(${WG})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let end = (group.x + 1u) * ${WG * strip}u;
  for (var i = group.x * ${WG * strip}u + lane; i < end; i += ${WG}u) { y[i] = x[i]; }
}`

/** The best of a few workgroup sizes each. Copies run over 64 MiB, more than any cache holds. */
export async function measureRoofline(): Promise<Roofline> {
  const bytes = 2 ** 26
  const usage = GPUBufferUsage.STORAGE
  const y = gpu.createBuffer({ size: bytes, usage })
  const x = gpu.createBuffer({ size: bytes, usage })
  let flops = 0
  let rate = 0
  let rounds = FEWEST_ROUNDS
  try {
    for (const WG of [8, 64, 256]) {
      const groups = Math.max(64, 2 ** 16 / WG)
      let seconds = await best(multiplyAdd(WG, rounds), groups, [y])
      while (1000 * seconds < longEnoughMs() && rounds < MOST_ROUNDS) {
        rounds *= 4
        seconds = await best(multiplyAdd(WG, rounds), groups, [y])
      }
      flops = Math.max(flops, (groups * WG * rounds * CHAINS * 8) / seconds)
      for (const [type, size] of [
        ['f32', 4],
        ['vec4f', 16],
      ] as const)
        for (const strip of [1, 16, 256]) {
          const groups = bytes / size / (WG * strip)
          if (groups <= 65535) rate = Math.max(rate, (2 * bytes) / (await best(copy(WG, strip, type), groups, [y, x])))
        }
    }
  } finally {
    y.destroy()
    x.destroy()
  }
  return { gflops: flops / 1e9, gigabytes: rate / 1e9 }
}

/** On a busy machine one of so many is quiet. */
const PASSES = 12

/** Seconds of a dispatch, in the fastest pass. A pass has as many as take long enough. */
async function best(code: string, groups: number, buffers: GPUBuffer[]): Promise<number> {
  const pipeline = gpu.createComputePipeline({
    layout: 'auto',
    compute: { module: gpu.createShaderModule({ code }), entryPoint: 'main' },
  })
  const group = gpu.createBindGroup({
    layout: pipeline.getBindGroupLayout(0),
    entries: buffers.map((buffer, binding) => ({ binding, resource: { buffer } })),
  })
  const run = async (times: number): Promise<number> => {
    const encoder = gpu.createCommandEncoder()
    const pass = encoder.beginComputePass()
    pass.setPipeline(pipeline)
    pass.setBindGroup(0, group)
    for (let i = 0; i < times; i++) pass.dispatchWorkgroups(groups)
    pass.end()
    const commands = encoder.finish()
    return (await timed(() => gpu.queue.submit([commands]))) / 1000
  }
  await run(1) // compiles
  let times = 1
  while (times < MOST_TIMES && 1000 * (await run(times)) < longEnoughMs()) times *= 2
  let seconds = Infinity
  for (let i = 0; i < PASSES; i++) seconds = Math.min(seconds, (await run(times)) / times)
  return seconds
}
