// elementwise/relu_backward    dx = dy where y > 0, else 0
// y, dy, dx: the same shape, n elements.   One invocation an element (on a CPU, a strip: lib/strip.wgsl).
const WG: u32 = 64;
struct Params { n: u32 }
@group(0) @binding(0) var<storage, read> y: array<f32>;
@group(0) @binding(1) var<storage, read> dy: array<f32>;
@group(0) @binding(2) var<storage, read_write> dx: array<f32>;
@group(0) @binding(3) var<uniform> p: Params;
// #include "lib/strip.wgsl"

@compute @workgroup_size(WG)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let mine = strip(group, groups, lane, p.n);
  for (var i = mine.x; i < mine.y; i += WG) { dx[i] = select(0.0, dy[i], y[i] > 0.0); }
}
