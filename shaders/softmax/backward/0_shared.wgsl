// softmax/backward/0_shared    What all rungs bind, where a row begins, and at one place of a row: the term of its sum,
// and dx from the sum.
const LOG: u32 = 0;
struct Params { outer: u32, axis: u32, inner: u32, scale: f32 }
@group(0) @binding(0) var<storage, read> y: array<f32>;
@group(0) @binding(1) var<storage, read> dy: array<f32>;
@group(0) @binding(2) var<storage, read_write> dx: array<f32>;
@group(0) @binding(3) var<uniform> p: Params;
// #include "lib/axis.wgsl": base_of() a row
// #include "lib/exp.wgsl": exp_of(), by which NaN stays NaN
alias Term = f32;
// #include "lib/sum.wgsl": Sum, add() and sum_of(): a sum that keeps its digits, however long

fn term(i: u32) -> f32 { return select(dy[i] * y[i], dy[i], LOG == 1u); }

fn store(i: u32, sum: f32) {
  if (LOG == 1u) { dx[i] = p.scale * (dy[i] - exp_of(y[i]) * sum); } else { dx[i] = p.scale * (y[i] * (dy[i] - sum)); }
}
