// reduce/0_shared    What all rungs bind, and how elements of a row are put together (OP 0: sum, 1: max).
const OP: u32 = 0;
// A row may have several stretches: its elements lie along the axis, and again so jump * 1, jump * 2, ... further on.
struct Params { outer: u32, axis: u32, inner: u32, repeat: u32, jump: u32, scale: f32 }
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@group(0) @binding(2) var<uniform> p: Params;
// #include "lib/axis.wgsl": base_of() a row
// #include "lib/nan.wgsl": nan_if(), larger(), by which NaN stays NaN
alias Term = f32;
// #include "lib/sum.wgsl": Sum, add() and sum_of(): a sum that keeps its digits, however long

// The sum or the largest of a row's elements number first, first + by, first + 2 by and so on.
fn walk(base: u32, first: u32, by: u32) -> f32 {
  if (OP == 1u) {
    var largest = x[base];
    var magnitude = bitcast<u32>(largest) & 0x7fffffffu; // bits without the sign; those of NaN are the largest
    for (var r = 0u; r < p.repeat; r++) {
      for (var a = first; a < p.axis; a += by) {
        let v = x[base + r * p.jump + a * p.inner];
        largest = max(largest, v);
        magnitude = max(magnitude, bitcast<u32>(v) & 0x7fffffffu);
      }
    }
    return nan_if(magnitude > 0x7f800000u, largest);
  }
  var sum = Sum();
  for (var r = 0u; r < p.repeat; r++) {
    for (var a = first; a < p.axis; a += by) { add(&sum, x[base + r * p.jump + a * p.inner]); }
  }
  return sum_of(&sum);
}

fn scaled(v: f32) -> f32 { return v * select(p.scale, 1.0, OP == 1u); }
