// loss/cross_entropy_soft_backward    dx[n,k] = dloss[n] * (softmax(x[n] / temperature)[k] - targets[n,k]) /
// temperature x, dx (N,K), targets (N,K), rows that sum to 1, dloss (N).   One invocation a row.
struct Params { N: u32, K: u32, temperature: f32 }
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> targets: array<f32>;
@group(0) @binding(2) var<storage, read> dloss: array<f32>;
@group(0) @binding(3) var<storage, read_write> dx: array<f32>;
@group(0) @binding(4) var<uniform> p: Params;
// #include "lib/log_sum_exp.wgsl"
// #include "lib/each.wgsl": main() calls element() for each of the elements()

fn elements() -> u32 { return p.N; }

fn element(n: u32) {
  let row = n * p.K;
  let lse = log_sum_exp(n);
  for (var k = 0u; k < p.K; k++) {
    let q = exp((x[row + k] - lse.x) / p.temperature - lse.y);
    dx[row + k] = dloss[n] * (q - targets[row + k]) / p.temperature;
  }
}
