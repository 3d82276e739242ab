// reduce/cumsum    y[r,k] = x[r,0] + ... + x[r,k]        (REVERSE 1: y[r,k] = x[r,k] + ... + x[r,L-1])
// x, y (rows, L).   One invocation a row.
const REVERSE: u32 = 0;
struct Params { rows: u32, L: u32 }
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@group(0) @binding(2) var<uniform> p: Params;
alias Term = f32;
// #include "lib/sum.wgsl": Sum, add() and closed(): a sum that keeps its digits, however long
// #include "lib/each.wgsl": main() calls element() for each of the elements()

fn elements() -> u32 { return p.rows; }

fn element(row: u32) {
  var sum = Sum();
  var before = 0.0; // the sum of all blocks that are full
  for (var k = 0u; k < p.L; k++) {
    let i = row * p.L + select(k, p.L - 1u - k, REVERSE == 1u);
    add(&sum, x[i]);
    if (sum.terms % 16u == 0u) { before = closed(&sum); }
    y[i] = before + sum.ones;
  }
}
