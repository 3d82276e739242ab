/** Variants: the text of a shader with all its constants fixed, what is read from it, and its compiled pipeline. */
import { gpu, onClose } from './device.ts'
import type { Params, Rung } from './kernel.ts'
import { type Consts, constsIn, placesFromEnd, type Reflection, reflect, specialise } from './shader.ts'
import { switches } from './switches.ts'

export interface Variant {
  readonly file: string
  /** File and constants: they tell variants apart. */
  readonly key: string
  readonly info: Reflection
  readonly code: string
  readonly layout: GPUBindGroupLayout
  pipeline: GPUComputePipeline | undefined
}
const variants = new Map<string, Variant>()
onClose(() => {
  variants.clear()
})

const constants = new WeakMap<Rung, Consts>()

/** All constants of a rung's shader: the file's values, and those that the rung puts in their place. */
export function constsOf(rung: Rung): Consts {
  let found = constants.get(rung)
  if (!found) {
    found = { ...constsIn(specialise(rung.file)), ...rung.consts }
    constants.set(rung, found)
  }
  return found
}

/** The constants that a launch sets: those of the rung, and its params that are `const` lines of the file. */
function constsSetBy(rung: Rung, p: Params): Consts {
  const known = constsOf(rung)
  const compiledIn = Object.entries(p).filter(([name]) => name in known)
  return { ...Object.fromEntries(compiledIn), ...rung.consts }
}

/** The variant of a rung for these params, not necessarily compiled yet. */
export function variant(rung: Rung, p: Params): Variant {
  const consts = constsSetBy(rung, p)
  const half = rung.needs?.f16 ?? false
  return variantOf(rung.file, `${rung.file} ${JSON.stringify(consts)}${half ? ' f16' : ''}`, () =>
    specialise(rung.file, consts, half),
  )
}

/**
 * The same kernel with these bindings declared writable, though it only reads them. WebGPU rejects a buffer that is
 * bound in one dispatch for reading and for writing, but not one that is bound twice for writing on separate bytes.
 * @throws where the shader does not declare one of them for reading.
 */
export const declaredWritable = (v: Variant, names: readonly string[]): Variant =>
  variantOf(v.file, `${v.key} writable ${names.join()}`, () =>
    names.reduce((code, name) => {
      const line = `var<storage, read> ${name}:`
      if (!code.includes(line)) throw new Error(`${v.file} has no line "${line}"`)
      return code.replace(line, `var<storage, read_write> ${name}:`)
    }, v.code),
  )

function variantOf(file: string, key: string, text: () => string): Variant {
  const known = variants.get(key)
  if (known) return known
  const code = text()
  const info = reflect(file, code)
  const type = { read: 'read-only-storage', read_write: 'storage', uniform: 'uniform' } as const
  const layout = gpu.createBindGroupLayout({
    label: file,
    entries: info.bindings.map(b => ({
      binding: b.index,
      visibility: GPUShaderStage.COMPUTE,
      buffer: { type: type[b.access] },
    })),
  })
  const made: Variant = { file, key, info, code, layout, pipeline: undefined }
  variants.set(key, made)
  if (switches.debug === 2) console.log(`---- ${key}\n${code}`)
  return made
}

const descriptor = (v: Variant): GPUComputePipelineDescriptor => ({
  label: v.file,
  layout: gpu.createPipelineLayout({ bindGroupLayouts: [v.layout] }),
  compute: { module: gpu.createShaderModule({ label: v.file, code: v.code }), entryPoint: 'main' },
})

/** Compiles at once: eager launches. A bad shader is reported by the device, so the next read() throws. */
export function compileNow(v: Variant): GPUComputePipeline {
  v.pipeline ??= gpu.createComputePipeline(descriptor(v))
  return v.pipeline
}

/**
 * Compiles many variants side by side. A shader that is refused spoils nothing: the device goes on without it.
 * @throws the compiler's messages with file, line and text.
 */
export async function compile(list: Iterable<Variant>): Promise<void> {
  await Promise.all(
    [...new Set(list)]
      .filter(v => !v.pipeline)
      .map(async v => {
        gpu.pushErrorScope('validation') // or what it says of the module would fail every later read
        const d = descriptor(v)
        const making = gpu.createComputePipelineAsync(d)
        const told = gpu.popErrorScope().catch(() => null) // before any other is opened: scopes nest
        try {
          v.pipeline = await making
          await told
        } catch (error) {
          const { messages } = await d.compute.module.getCompilationInfo()
          const lines = v.code.split('\n')
          const places = placesFromEnd(v.file)
          const report = messages.map(
            ({ lineNum: n, message }) =>
              `  ${places[lines.length - n] ?? v.file}: ${message.trim()}\n    ${lines[n - 1]?.trim() ?? ''}`,
          )
          throw new Error(`${v.file} does not compile:\n${report.join('\n') || String(error)}`)
        }
      }),
  )
}
