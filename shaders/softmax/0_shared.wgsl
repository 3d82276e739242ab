// softmax/0_shared    What both rungs bind, where a row begins, and y at one place of a row from the row's largest x
// and sum of exponentials. That the largest may pass over a NaN does not matter: its exponential makes the sum NaN, and
// with it the row. So it is in PyTorch, and where all of a row is minus infinity.
const LOG: u32 = 0;
struct Params { outer: u32, axis: u32, inner: u32, scale: f32 }
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@group(0) @binding(2) var<uniform> p: Params;
// #include "lib/axis.wgsl": base_of() a row
// #include "lib/exp.wgsl": exp_of() and log_of(), by which NaN stays NaN
alias Term = f32;
// #include "lib/sum.wgsl": Sum, add() and sum_of(): a sum that keeps its digits, however long

// x times the scale (1 over a temperature), which is what a softmax is taken of.
fn value(i: u32) -> f32 { return p.scale * x[i]; }

fn store(i: u32, largest: f32, sum: f32) {
  let e = value(i) - largest;
  if (LOG == 1u) { y[i] = e - log_of(sum); } else { y[i] = exp_of(e) / sum; }
}
