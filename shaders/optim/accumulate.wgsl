// optim/accumulate    total = total + x
// total, x (n elements).   One invocation an element (on a CPU, a strip: lib/strip.wgsl). For tensors that outlive a
// step: gradients of micro-batches, metrics.
const WG: u32 = 64;
struct Params { n: u32 }
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> total: array<f32>;
@group(0) @binding(2) var<uniform> p: Params;
// #include "lib/strip.wgsl"

@compute @workgroup_size(WG)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let mine = strip(group, groups, lane, p.n);
  for (var i = mine.x; i < mine.y; i += WG) { total[i] += x[i]; }
}
