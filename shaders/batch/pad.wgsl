// batch/pad    dx[i] = dy[i - start] where that exists (count elements), else 0: the gradient of a slice.
// ADD 1: and so_far, the gradient that x has from another use.
// dx (n elements).   One invocation an element of dx (on a CPU, a strip).
struct Params { n: u32, start: u32, count: u32 }
alias Element = f32;
// #include "lib/put.wgsl": dx, and put(), which stores into it
@group(0) @binding(2) var<storage, read> dy: array<f32>;
@group(0) @binding(3) var<uniform> p: Params;
// #include "lib/strip.wgsl": main() calls element() for each of the elements()

fn elements() -> u32 { return p.n; }

fn element(i: u32) {
  var v = 0.0;
  if (i >= p.start && i - p.start < p.count) { v = dy[i - p.start]; }
  put(i, v);
}
