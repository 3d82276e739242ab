// batch/pad    dx[i] = dy[i - start] where that exists (count elements), else 0: the gradient of a slice
// dx (n elements).   One invocation an element of dx (on a CPU, a strip).
struct Params { n: u32, start: u32, count: u32 }
@group(0) @binding(0) var<storage, read> dy: array<f32>;
@group(0) @binding(1) var<storage, read_write> dx: array<f32>;
@group(0) @binding(2) var<uniform> p: Params;
// #include "lib/strip.wgsl": main() calls element() for each of the elements()

fn elements() -> u32 { return p.n; }

fn element(i: u32) {
  if (i >= p.start && i - p.start < p.count) { dx[i] = dy[i - p.start]; } else { dx[i] = 0.0; }
}
