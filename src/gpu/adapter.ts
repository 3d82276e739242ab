/** The adapter in words and numbers: the machine, as a run records it. */
export interface AdapterInfo {
  readonly vendor: string
  readonly architecture: string
  readonly device: string
  readonly description: string
  /** A software adapter runs on the CPU: other kernels are fast there. */
  readonly software: boolean
  /** Fewest lanes that a subgroup may have here; 0 where shaders cannot use subgroups. */
  readonly subgroup: number
  readonly features: readonly string[]
}

/** @param features those that shaders may use: the adapter's, or fewer where the device was asked for fewer. */
export function infoOf(adapter: GPUAdapter, features: ReadonlySet<string>): AdapterInfo {
  const { vendor, architecture, device, description, subgroupMinSize = 0, isFallbackAdapter } = adapter.info
  return {
    vendor,
    architecture,
    device,
    description,
    // Browsers keep most of the texts back.
    software:
      isFallbackAdapter ||
      /llvmpipe|lavapipe|swiftshader|software|microsoft basic|warp/i.test(`${architecture} ${device} ${description}`),
    subgroup: features.has('subgroups') ? subgroupMinSize : 0,
    features: [...features].sort(),
  }
}
