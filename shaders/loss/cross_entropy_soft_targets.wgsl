// loss/cross_entropy_soft_targets    dq[n,k] = dloss[n] * (log sum exp(z) - z[k]),  z = x[n] / temperature
// x, dq (N,K), dloss (N).   One invocation a row. This is the way a teacher's probabilities get a gradient.
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> dloss: array<f32>;
@group(0) @binding(2) var<storage, read_write> dq: array<f32>;
@group(0) @binding(3) var<uniform> p: Params;
// #include "loss/0_shared.wgsl": Params, log_sum_exp(), cost(); main() calls element() for each row

fn element(n: u32) {
  let lse = log_sum_exp(n);
  for (var i = n * p.K; i < (n + 1u) * p.K; i++) { dq[i] = dloss[n] * cost(i, lse); }
}
