// batch_norm/normalise/1_naive
// y[n,c,l] = (x[n,c,l] - mean[c]) / sqrt(variance[c] + eps) * weight[c] + bias[c]
// (RELU 1: the larger of that and 0)
// x, y (N,C,L), the rest (C).   One invocation an element.
alias Element = f32;
alias Bits = u32;
// #include "batch_norm/normalise/0_shared.wgsl": Params, the bindings, ending() for the ReLU
// #include "lib/each.wgsl": main() calls element() for each of the elements()

fn elements() -> u32 { return p.N * p.C * p.L; }

fn element(i: u32) {
  let c = i / p.L % p.C;
  y[i] = ending((x[i] - mean[c]) * inverseSqrt(variance[c] + p.eps) * weight[c] + bias[c]);
}
