// batch_norm/backward_input/2_rows
// dx = weight / sqrt(variance + eps) * (g - mean(g) - xhat * mean(g * xhat)),  means over a channel
// with xhat = (x - mean) / sqrt(variance + eps) and g = dy (RELU 1: where y > 0, else 0).
// x, y, dy, dx (N,C,L) with L a multiple of 4, coefficients (C,4) from backward_coefficients.
// Eight lanes walk one row (n,c), a vec4 at a time.
// Over rung 1: coefficients are loaded, and the row found by division, once per row and not once per element; and four
// elements move in one load, so an address is worked out and checked once for four.
const WG: u32 = 32;
const LANES: u32 = 8; // per row
const RELU: u32 = 0;
struct Params { N: u32, C: u32, L: u32 }
@group(0) @binding(0) var<storage, read> x: array<vec4f>;
@group(0) @binding(1) var<storage, read> y: array<vec4f>;
@group(0) @binding(2) var<storage, read> dy: array<vec4f>;
@group(0) @binding(3) var<storage, read> coefficients: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> dx: array<vec4f>;
@group(0) @binding(5) var<uniform> p: Params;
// #include "lib/flat.wgsl"

@compute @workgroup_size(WG)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let row = flat(id, groups) / LANES;
  if (row >= p.N * p.C) { return; }
  let k = coefficients[row % p.C];
  let end = (row + 1u) * (p.L / 4u);
  for (var i = row * (p.L / 4u) + id.x % LANES; i < end; i += LANES) {
    var g = dy[i];
    if (RELU == 1u) { g = select(vec4f(), g, y[i] > vec4f()); }
    dx[i] = k.x * (g - k.z - (x[i] - k.y) * k.w);
  }
}
