// reduce/cumsum    y[r,k] = x[r,0] + ... + x[r,k]        (REVERSE 1: y[r,k] = x[r,k] + ... + x[r,L-1])
// x, y (rows, L).   One invocation a row.
const REVERSE: u32 = 0;
struct Params { rows: u32, L: u32 }
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@group(0) @binding(2) var<uniform> p: Params;
// #include "lib/each.wgsl": main() calls element() for each of the elements()

fn elements() -> u32 { return p.rows; }

fn element(row: u32) {
  var sum = 0.0;
  for (var k = 0u; k < p.L; k++) {
    let i = row * p.L + select(k, p.L - 1u - k, REVERSE == 1u);
    sum += x[i];
    y[i] = sum;
  }
}
