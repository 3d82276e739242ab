// loss/cross_entropy_hard    loss[n] = log sum exp(z) - z[label],  z = x[n] / temperature
// x (N,K), labels (N), whole numbers, loss (N).   One invocation a row.
const WG: u32 = 64;
struct Params { N: u32, K: u32, temperature: f32 }
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> labels: array<u32>;
@group(0) @binding(2) var<storage, read_write> loss: array<f32>;
@group(0) @binding(3) var<uniform> p: Params;
// #include "lib/log_sum_exp.wgsl"

@compute @workgroup_size(WG)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let n = id.x;
  if (n >= p.N) { return; }
  let row = n * p.K;
  let lse = log_sum_exp(n);
  loss[n] = lse.y - (x[row + labels[n]] - lse.x) / p.temperature;
}
