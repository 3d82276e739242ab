// loss/cross_entropy_soft_targets    dq[n,k] = dloss[n] * (log sum exp(z) - z[k]),  z = x[n] / temperature
// x, dq (N,K), dloss (N).   One invocation a row. This is the way a teacher's probabilities get a gradient.
struct Params { N: u32, K: u32, temperature: f32 }
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> dloss: array<f32>;
@group(0) @binding(2) var<storage, read_write> dq: array<f32>;
@group(0) @binding(3) var<uniform> p: Params;
// #include "lib/log_sum_exp.wgsl"
// #include "lib/each.wgsl": main() calls element() for each of the elements()

fn elements() -> u32 { return p.N; }

fn element(n: u32) {
  let row = n * p.K;
  let lse = log_sum_exp(n);
  for (var k = 0u; k < p.K; k++) { dq[row + k] = dloss[n] * (lse.y - (x[row + k] - lse.x) / p.temperature); }
}
