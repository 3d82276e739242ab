// elementwise/relu_backward    dx = dy where y > 0, else 0
// y, dy, dx: the same shape, n elements.   One invocation an element.
const WG: u32 = 64;
struct Params { n: u32 }
@group(0) @binding(0) var<storage, read> y: array<f32>;
@group(0) @binding(1) var<storage, read> dy: array<f32>;
@group(0) @binding(2) var<storage, read_write> dx: array<f32>;
@group(0) @binding(3) var<uniform> p: Params;
// #include "lib/flat.wgsl"

@compute @workgroup_size(WG)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = flat(id, groups);
  if (i < p.n) { dx[i] = select(0.0, dy[i], y[i] > 0.0); }
}
