/** The roofline, and the share of it that a kernel reaches. */

/** The best that an adapter can do: multiply-adds, two operations each, and bytes read or written. */
export interface Roofline {
  readonly gflops: number
  readonly gigabytes: number
}

/** A share of multiply-adds where the kernel counts them, else of copying. */
export const shareOf = (
  { gflops, gigabytes }: { readonly gflops?: number; readonly gigabytes: number },
  roofline: Roofline,
): number => (gflops === undefined ? gigabytes / roofline.gigabytes : gflops / roofline.gflops)

/** The better of two measurements, each figure by itself: what else runs on a machine can only slow it. */
export const better = (a: Roofline, b: Roofline): Roofline => ({
  gflops: Math.max(a.gflops, b.gflops),
  gigabytes: Math.max(a.gigabytes, b.gigabytes),
})
