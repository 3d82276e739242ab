// batch_norm/normalise_add/1_naive
// y[n,c,l] = (x[n,c,l] - mean[c]) / sqrt(variance[c] + eps) * weight[c] + bias[c] + residual[n,c,l]
// (RELU 1: the larger of that and 0)
// x, y, residual (N,C,L), the rest (C).   One invocation an element.
alias Element = f32;
alias Bits = u32;
// #include "batch_norm/normalise/0_shared.wgsl": Params, the bindings, ending() for the ReLU
@group(0) @binding(7) var<storage, read> residual: array<Element>;
// #include "lib/each.wgsl": main() calls element() for each of the elements()

fn elements() -> u32 { return p.N * p.C * p.L; }

fn element(i: u32) {
  let c = i / p.L % p.C;
  y[i] = ending((x[i] - mean[c]) * inverseSqrt(variance[c] + p.eps) * weight[c] + bias[c] + residual[i]);
}
