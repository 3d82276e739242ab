// batch/concat    y = a, then b: two batches one after the other
// a (na elements), b (n - na elements), y (n elements).   One invocation an element (on a CPU, a strip:
// lib/strip.wgsl).
const WG: u32 = 64;
struct Params { n: u32, na: u32 }
@group(0) @binding(0) var<storage, read> a: array<f32>;
@group(0) @binding(1) var<storage, read> b: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;
@group(0) @binding(3) var<uniform> p: Params;
// #include "lib/strip.wgsl"

@compute @workgroup_size(WG)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let mine = strip(group, groups, lane, p.n);
  for (var i = mine.x; i < mine.y; i += WG) {
    if (i < p.na) { y[i] = a[i]; } else { y[i] = b[i - p.na]; }
  }
}
