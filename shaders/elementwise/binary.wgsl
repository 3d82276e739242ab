// elementwise/binary    y = a (+ - * /) b or max(a + b, 0), chosen by OP
// a, b, y: the same shape, n elements.   One invocation an element (on a CPU, a strip: lib/strip.wgsl).
const WG: u32 = 64;
const OP: u32 = 0;
struct Params { n: u32 }
@group(0) @binding(0) var<storage, read> a: array<f32>;
@group(0) @binding(1) var<storage, read> b: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;
@group(0) @binding(3) var<uniform> p: Params;
// #include "lib/strip.wgsl"

fn f(u: f32, v: f32) -> f32 {
  switch OP {
    case 0u: { return u + v; }
    case 1u: { return u - v; }
    case 2u: { return u * v; }
    case 3u: { return u / v; }
    default: { return max(u + v, 0.0); }
  }
}

@compute @workgroup_size(WG)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let mine = strip(group, groups, lane, p.n);
  for (var i = mine.x; i < mine.y; i += WG) { y[i] = f(a[i], b[i]); }
}
