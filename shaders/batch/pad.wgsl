// batch/pad    dx[i] = dy[i - start] where that exists (count elements), else 0: the gradient of a slice
// dx (n elements).   One invocation an element of dx (on a CPU, a strip: lib/strip.wgsl).
const WG: u32 = 64;
struct Params { n: u32, start: u32, count: u32 }
@group(0) @binding(0) var<storage, read> dy: array<f32>;
@group(0) @binding(1) var<storage, read_write> dx: array<f32>;
@group(0) @binding(2) var<uniform> p: Params;
// #include "lib/strip.wgsl"

@compute @workgroup_size(WG)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let mine = strip(group, groups, lane, p.n);
  for (var i = mine.x; i < mine.y; i += WG) {
    if (i >= p.start && i - p.start < p.count) { dx[i] = dy[i - p.start]; } else { dx[i] = 0.0; }
  }
}
