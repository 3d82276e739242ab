// batch/put    y[start + i] = x[i]
// x (n elements), y longer.   One invocation an element of x (on a CPU, a strip: lib/strip.wgsl). Collects small
// results, so that one read fetches them all.
const WG: u32 = 64;
struct Params { n: u32, start: u32 }
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@group(0) @binding(2) var<uniform> p: Params;
// #include "lib/strip.wgsl"

@compute @workgroup_size(WG)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let mine = strip(group, groups, lane, p.n);
  for (var i = mine.x; i < mine.y; i += WG) { y[p.start + i] = x[i]; }
}
