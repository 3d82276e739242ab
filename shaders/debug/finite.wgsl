// debug/finite    first = min(first, place) if any x[i] is NaN or infinite
// x: any shape, n elements.   One invocation an element.
const WG: u32 = 64;
struct Params { n: u32, place: u32 }
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> first: array<atomic<u32>>;
@group(0) @binding(2) var<uniform> p: Params;
// #include "lib/flat.wgsl"
// #include "lib/finite.wgsl"

@compute @workgroup_size(WG)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = flat(id, groups);
  if (i >= p.n) { return; }

  if (!is_finite(x[i])) { atomicMin(&first[0], p.place); }
}
