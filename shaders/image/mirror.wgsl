// image/mirror    y[r,w] = x[r, W-1-w]: left and right change places
// x, y (rows, W).   One invocation an element.
const WG: u32 = 64;
struct Params { n: u32, W: u32 }
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@group(0) @binding(2) var<uniform> p: Params;
// #include "lib/flat.wgsl"

@compute @workgroup_size(WG)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = flat(id, groups);
  if (i < p.n) { y[i] = x[i + p.W - 1u - 2u * (i % p.W)]; }
}
