// batch_norm/normalise_add/2_rows
// y[n,c,l] = (x[n,c,l] - mean[c]) / sqrt(variance[c] + eps) * weight[c] + bias[c] + residual[n,c,l]      (RELU 1:
// max(that, 0)) x, y, residual (N,C,L) with L a multiple of 4, the rest (C).   Eight lanes walk one row (n,c), a vec4
// at a time. Over rung 1: the channel's four numbers are loaded, and the row found by division, once per row and not
// once per element; and four elements move in one load, so an address is worked out and checked once for four.
const WG: u32 = 32;
const LANES: u32 = 8; // per row
const RELU: u32 = 0;
struct Params { N: u32, C: u32, L: u32, eps: f32 }
@group(0) @binding(0) var<storage, read> x: array<vec4f>;
@group(0) @binding(1) var<storage, read> mean: array<f32>;
@group(0) @binding(2) var<storage, read> variance: array<f32>;
@group(0) @binding(3) var<storage, read> weight: array<f32>;
@group(0) @binding(4) var<storage, read> bias: array<f32>;
@group(0) @binding(5) var<storage, read_write> y: array<vec4f>;
@group(0) @binding(6) var<uniform> p: Params;
@group(0) @binding(7) var<storage, read> residual: array<vec4f>;
// #include "lib/flat.wgsl"

@compute @workgroup_size(WG)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let row = flat(id, groups) / LANES;
  if (row >= p.N * p.C) { return; }
  let c = row % p.C;
  let scale = inverseSqrt(variance[c] + p.eps) * weight[c];
  let m = mean[c];
  let b = bias[c];
  let end = (row + 1u) * (p.L / 4u);
  for (var i = row * (p.L / 4u) + id.x % LANES; i < end; i += LANES) {
    let v = (x[i] - m) * scale + b + residual[i];
    y[i] = select(v, max(v, vec4f()), RELU == 1u);
  }
}
