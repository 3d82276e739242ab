// batch/concat    y = a, then b: two batches one after the other
// a (na elements), b (n - na elements), y (n elements).   One invocation an element (on a CPU, a
// strip).
struct Params { n: u32, na: u32 }
@group(0) @binding(0) var<storage, read> a: array<f32>;
@group(0) @binding(1) var<storage, read> b: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;
@group(0) @binding(3) var<uniform> p: Params;
// #include "lib/strip.wgsl": main() calls element() for each of the elements()

fn elements() -> u32 { return p.n; }

fn element(i: u32) {
  if (i < p.na) { y[i] = a[i]; } else { y[i] = b[i - p.na]; }
}
