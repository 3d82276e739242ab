// batch_norm/normalise_add/1_naive
// y[n,c,l] = (x[n,c,l] - mean) / sqrt(variance + eps) * weight[c] + bias[c] + residual[n,c,l]
// (RELU 1: the larger of that and 0)
// x, y, residual (N,C,L), moments (C,2) of means and variances, the rest (C).   One invocation an element.
alias Element = f32;
alias Bits = u32;
// #include "batch_norm/normalise/0_shared.wgsl": Params, the bindings, channel() for its numbers, ending() for the
// ReLU
@group(0) @binding(6) var<storage, read> residual: array<Element>;
// #include "lib/each.wgsl": main() calls element() for each of the elements()

fn elements() -> u32 { return p.N * p.C * p.L; }

fn element(i: u32) {
  let k = channel(i / p.L % p.C);
  y[i] = ending((x[i] - k.y) * k.x + k.z + residual[i]);
}
