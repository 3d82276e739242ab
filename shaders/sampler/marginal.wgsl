// sampler/marginal    rows[n,h] = max over w of A[n,h,w],        columns[n,w] = max over h of A[n,h,w]
// A (N,H,W) attention maps, rows (N,H), columns (N,W).   One invocation an element: of each map, first its rows, then
// its columns.
// The paper integrates over the max of a row, not its sum: so one strong response counts in full, however much of the
// row is empty. A sum would dilute it by the size of the rest, and favour long weak structures.
// What is negative counts as zero. What is not a number stays so, and makes the sampling of its map NaN.
struct Params { N: u32, H: u32, W: u32 }
@group(0) @binding(0) var<storage, read> A: array<f32>;
@group(0) @binding(1) var<storage, read_write> rows: array<f32>;
@group(0) @binding(2) var<storage, read_write> columns: array<f32>;
@group(0) @binding(3) var<uniform> p: Params;
// #include "lib/nan.wgsl": larger(), by which NaN stays NaN
// #include "lib/each.wgsl": main() calls element() for each of the elements()

fn elements() -> u32 { return p.N * (p.H + p.W); }

fn element(i: u32) {
  let n = i / (p.H + p.W);
  let own = i % (p.H + p.W);
  let is_row = own < p.H;
  let first = n * p.H * p.W + select(own - p.H, own * p.W, is_row);
  let step = select(p.W, 1u, is_row);
  var largest = 0.0;
  for (var j = 0u; j < select(p.H, p.W, is_row); j++) {
    largest = larger(largest, A[first + j * step]);
  }
  if (is_row) { rows[n * p.H + own] = largest; } else { columns[n * p.W + own - p.H] = largest; }
}
