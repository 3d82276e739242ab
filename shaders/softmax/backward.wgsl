// softmax/backward    dx = y * (dy - sum over a of dy * y)        LOG 1:  dx = dy - exp(y) * sum over a of dy
// y, dy, dx (outer, axis, inner), y the forward result.   One invocation a row.
const LOG: u32 = 0;
struct Params { outer: u32, axis: u32, inner: u32 }
@group(0) @binding(0) var<storage, read> y: array<f32>;
@group(0) @binding(1) var<storage, read> dy: array<f32>;
@group(0) @binding(2) var<storage, read_write> dx: array<f32>;
@group(0) @binding(3) var<uniform> p: Params;
// #include "lib/axis.wgsl": base_of() a row
alias Term = f32;
// #include "lib/sum.wgsl": Sum, add() and sum_of(): a sum that keeps its digits, however long
// #include "lib/each.wgsl": main() calls element() for each of the elements()

fn elements() -> u32 { return p.outer * p.inner; }

fn element(row: u32) {
  let base = base_of(row);
  var terms = Sum();
  for (var a = 0u; a < p.axis; a++) {
    let i = base + a * p.inner;
    add(&terms, select(dy[i] * y[i], dy[i], LOG == 1u));
  }
  let sum = sum_of(&terms);
  for (var a = 0u; a < p.axis; a++) {
    let i = base + a * p.inner;
    if (LOG == 1u) { dx[i] = dy[i] - exp(y[i]) * sum; } else { dx[i] = y[i] * (dy[i] - sum); }
  }
}
