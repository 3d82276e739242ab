// reduce/0_shared    What all rungs bind, and how elements of a row are put together (OP 0: sum, 1: max).
const OP: u32 = 0;
struct Params { outer: u32, axis: u32, inner: u32, scale: f32 }
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@group(0) @binding(2) var<uniform> p: Params;
// #include "lib/axis.wgsl": base_of() a row
// #include "lib/nan.wgsl": larger(), by which NaN stays NaN
alias Term = f32;
// #include "lib/sum.wgsl": Sum, add() and sum_of(): a sum that keeps its digits, however long

// The sum or the largest of a row's elements number first, first + by, first + 2 by and so on.
fn walk(base: u32, first: u32, by: u32) -> f32 {
  if (OP == 1u) {
    var largest = x[base];
    for (var a = first; a < p.axis; a += by) { largest = larger(largest, x[base + a * p.inner]); }
    return largest;
  }
  var sum = Sum();
  for (var a = first; a < p.axis; a += by) { add(&sum, x[base + a * p.inner]); }
  return sum_of(&sum);
}

fn scaled(v: f32) -> f32 { return v * select(p.scale, 1.0, OP == 1u); }
