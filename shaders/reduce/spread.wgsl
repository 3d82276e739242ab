// reduce/spread    dx[r,o,a,i] = scale * dy[o,i]: the gradient of a sum or mean
// dx (repeat, outer, axis, inner), dy (outer, inner).   One invocation an element of dx (on a CPU, a strip).
struct Params { outer: u32, axis: u32, inner: u32, repeat: u32, scale: f32 }
@group(0) @binding(0) var<storage, read> dy: array<f32>;
@group(0) @binding(1) var<storage, read_write> dx: array<f32>;
@group(0) @binding(2) var<uniform> p: Params;
// #include "lib/strip.wgsl": main() calls element() for each of the elements()

fn elements() -> u32 { return p.repeat * p.outer * p.axis * p.inner; }

fn element(i: u32) {
  let o = i / (p.axis * p.inner) % p.outer;
  dx[i] = p.scale * dy[o * p.inner + i % p.inner];
}
