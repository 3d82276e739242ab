// batch/pad    dx[i] = dy[i - start] where that exists (count elements), else 0: the gradient of a slice
// dx (n elements).   One invocation an element of dx.
const WG: u32 = 64;
struct Params { n: u32, start: u32, count: u32 }
@group(0) @binding(0) var<storage, read> dy: array<f32>;
@group(0) @binding(1) var<storage, read_write> dx: array<f32>;
@group(0) @binding(2) var<uniform> p: Params;
// #include "lib/flat.wgsl"

@compute @workgroup_size(WG)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = flat(id, groups);
  if (i >= p.n) { return; }
  if (i >= p.start && i - p.start < p.count) { dx[i] = dy[i - p.start]; } else { dx[i] = 0.0; }
}
