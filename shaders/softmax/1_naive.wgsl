// softmax/1_naive    y[o,a,i] = exp(x[o,a,i] - m) / sum over a of exp(x[o,a,i] - m),  m = max over a        (LOG 1: its
// logarithm) x, y (outer, axis, inner).   One invocation a row: three walks along the axis (largest, sum, result).
const LOG: u32 = 0;
struct Params { outer: u32, axis: u32, inner: u32 }
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@group(0) @binding(2) var<uniform> p: Params;
// #include "lib/each.wgsl": main() calls element() for each of the elements()

fn elements() -> u32 { return p.outer * p.inner; }

fn element(row: u32) {
  let base = (row / p.inner) * p.axis * p.inner + row % p.inner;
  // Without taking the largest away, exp() would overflow at 89.
  var largest = x[base];
  for (var a = 1u; a < p.axis; a++) { largest = max(largest, x[base + a * p.inner]); }
  var sum = 0.0;
  for (var a = 0u; a < p.axis; a++) { sum += exp(x[base + a * p.inner] - largest); }
  for (var a = 0u; a < p.axis; a++) {
    let i = base + a * p.inner;
    let e = x[i] - largest;
    if (LOG == 1u) { y[i] = e - log(sum); } else { y[i] = exp(e) / sum; }
  }
}
