// batch/concat    y = a, then b: two batches one after the other
// a (na elements), b (n - na elements), y (n elements).   One invocation an element.
const WG: u32 = 64;
struct Params { n: u32, na: u32 }
@group(0) @binding(0) var<storage, read> a: array<f32>;
@group(0) @binding(1) var<storage, read> b: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;
@group(0) @binding(3) var<uniform> p: Params;
// #include "lib/flat.wgsl"

@compute @workgroup_size(WG)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = flat(id, groups);
  if (i >= p.n) { return; }
  if (i < p.na) { y[i] = a[i]; } else { y[i] = b[i - p.na]; }
}
