// loss/cross_entropy_soft    loss[n] = sum over k of targets[k] * (log sum exp(z) - z[k]),  z = x[n] / temperature
// x (N,K), targets (N,K), rows that sum to 1, loss (N).   One invocation a row.
struct Params { N: u32, K: u32, temperature: f32 }
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> targets: array<f32>;
@group(0) @binding(2) var<storage, read_write> loss: array<f32>;
@group(0) @binding(3) var<uniform> p: Params;
// #include "lib/log_sum_exp.wgsl"
// #include "lib/each.wgsl": main() calls element() for each of the elements()

fn elements() -> u32 { return p.N; }

fn element(n: u32) {
  let row = n * p.K;
  let lse = log_sum_exp(n);
  var total = 0.0;
  for (var k = 0u; k < p.K; k++) { total += targets[row + k] * (lse.y - (x[row + k] - lse.x) / p.temperature); }
  loss[n] = total;
}
