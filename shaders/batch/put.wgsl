// batch/put    y[start + i] = x[i]
// x (n elements), y longer.   One invocation an element of x. Collects small results, so that one read fetches them all.
const WG: u32 = 64;
struct Params { n: u32, start: u32 }
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@group(0) @binding(2) var<uniform> p: Params;
// #include "lib/flat.wgsl"

@compute @workgroup_size(WG)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = flat(id, groups);
  if (i < p.n) { y[p.start + i] = x[i]; }
}
