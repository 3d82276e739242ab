// loss/cross_entropy_soft_targets    dq[n,k] = dloss / N * (log sum exp(z) - z[k]),  z = x[n] / temperature
// x, dq (N,K), dloss (1).   One invocation a row. This is the way a teacher's probabilities get a gradient.
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> dloss: array<f32>;
@group(0) @binding(2) var<storage, read_write> dq: array<f32>;
@group(0) @binding(3) var<uniform> p: Params;
// #include "loss/0_shared.wgsl": Params, log_sum_exp(), cost()
// #include "lib/each.wgsl": main() calls element() for each of the elements(), the rows

fn elements() -> u32 { return p.N; }

fn element(n: u32) {
  let lse = log_sum_exp(n);
  for (var i = n * p.K; i < (n + 1u) * p.K; i++) { dq[i] = dloss[0] / f32(p.N) * cost(i, lse); }
}
