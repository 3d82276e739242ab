/** Layouts of libraries that want channels last, from and to ours. */

/** (A,B,H,W) -> (A,H,W,B), or back with `back`; shape is that of d. */
export const channelsLast = (d, [A, B, H, W]) => permute(d, [A, B, H, W], [0, 2, 3, 1])
export const channelsFirst = (d, [A, H, W, B]) => permute(d, [A, H, W, B], [0, 3, 1, 2])
/** (K,C,R,S) -> (R,S,C,K), and back. */
export const filterLast = (d, shape) => permute(d, shape, [2, 3, 1, 0])
export const filterFirst = (d, shape) => permute(d, shape, [3, 2, 0, 1])
export const transposed = (d, shape) => permute(d, [1, 1, ...shape], [0, 1, 3, 2])

function permute(d, shape, order) {
  const strides = shape.map((_, i) => shape.slice(i + 1).reduce((a, b) => a * b, 1))
  const out = new Float32Array(d.length)
  const [n0, n1, n2, n3] = order.map(i => shape[i])
  const [s0, s1, s2, s3] = order.map(i => strides[i])
  let at = 0
  for (let a = 0; a < n0; a++)
    for (let b = 0; b < n1; b++)
      for (let c = 0; c < n2; c++) for (let e = 0; e < n3; e++) out[at++] = d[a * s0 + b * s1 + c * s2 + e * s3]
  return out
}
