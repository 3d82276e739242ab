// loss/cross_entropy_hard    loss[n] = log sum exp(z) - z[label],  z = x[n] / temperature
// x (N,K), labels (N), whole numbers, loss (N).   One invocation a row.
struct Params { N: u32, K: u32, temperature: f32 }
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> labels: array<u32>;
@group(0) @binding(2) var<storage, read_write> loss: array<f32>;
@group(0) @binding(3) var<uniform> p: Params;
// #include "lib/log_sum_exp.wgsl"
// #include "lib/each.wgsl": main() calls element() for each of the elements()

fn elements() -> u32 { return p.N; }

fn element(n: u32) {
  let row = n * p.K;
  let lse = log_sum_exp(n);
  loss[n] = lse.y - (x[row + labels[n]] - lse.x) / p.temperature;
}
