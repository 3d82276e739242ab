// sampler/density    from the two marginals of a map to sampling densities: output pixels to be spent on each row and
// column rows (N,H), columns (N,W): max marginals;  dy (N,H), dx (N,W): densities that sum to OH and OW;  fallback (N):
// 1 where the map held nothing, and the densities are uniform.   One invocation a map: the steps need sums and maxima
// of both axes in turn.
//
// TASN's clamp-and-redistribute (researchmm/tasn att_sampler-inl.h; not in the paper), in units of the uniform density:
//   repeat ITERATIONS times:  t = min(max(dx), max(dy)), in the first round at most DENSE;   clamp both to t;
//                             give what was cut off back to all rows (columns) alike.
// It forces the same largest magnification on both axes and caps it near DENSE. COUPLED 0: each axis has a t of its
// own.
const ITERATIONS: u32 = 5;
const COUPLED: u32 = 1;
struct Params { N: u32, H: u32, W: u32, OH: u32, OW: u32, dense: f32 }
@group(0) @binding(0) var<storage, read> rows: array<f32>;
@group(0) @binding(1) var<storage, read> columns: array<f32>;
@group(0) @binding(2) var<storage, read_write> dy: array<f32>;
@group(0) @binding(3) var<storage, read_write> dx: array<f32>;
@group(0) @binding(4) var<storage, read_write> fallback: array<f32>;
@group(0) @binding(5) var<uniform> p: Params;
// #include "lib/each.wgsl": main() calls element() for each of the elements()

const NOTHING: f32 = 1e-12;

fn elements() -> u32 { return p.N; }

fn element(n: u32) {
  let y0 = n * p.H;
  let x0 = n * p.W;

  // 1. Normalise each axis to a mean of 1.
  var sum_y = 0.0;
  var sum_x = 0.0;
  var largest = 0.0;
  for (var k = 0u; k < p.H; k++) { largest = max(largest, rows[y0 + k]); }
  for (var k = 0u; k < p.H; k++) { sum_y += rows[y0 + k] / max(largest, NOTHING); }
  for (var k = 0u; k < p.W; k++) { sum_x += columns[x0 + k] / max(largest, NOTHING); }
  // Divided by the largest first: a sum of huge values would be infinite, of tiny ones zero.
  let empty_map = largest <= NOTHING;
  for (var k = 0u; k < p.H; k++) { dy[y0 + k] = select(rows[y0 + k] / largest * f32(p.H) / sum_y, 1.0, empty_map); }
  for (var k = 0u; k < p.W; k++) { dx[x0 + k] = select(columns[x0 + k] / largest * f32(p.W) / sum_x, 1.0, empty_map); }

  // 2. Clamp and redistribute.
  for (var j = 0u; j < ITERATIONS; j++) {
    var ty = 0.0;
    var tx = 0.0;
    for (var k = 0u; k < p.H; k++) { ty = max(ty, dy[y0 + k]); }
    for (var k = 0u; k < p.W; k++) { tx = max(tx, dx[x0 + k]); }
    if (COUPLED == 1u) {
      ty = min(ty, tx);
      tx = ty;
    }
    if (j == 0u) {
      ty = min(ty, p.dense);
      tx = min(tx, p.dense);
    }
    sum_y = 0.0;
    sum_x = 0.0;
    for (var k = 0u; k < p.H; k++) { sum_y += min(dy[y0 + k], ty); }
    for (var k = 0u; k < p.W; k++) { sum_x += min(dx[x0 + k], tx); }
    let back_y = 1.0 - sum_y / f32(p.H);
    let back_x = 1.0 - sum_x / f32(p.W);
    // Rounding can make the give-back a little negative: never below zero, or the integral would turn round.
    for (var k = 0u; k < p.H; k++) { dy[y0 + k] = max(0.0, min(dy[y0 + k], ty) + back_y); }
    for (var k = 0u; k < p.W; k++) { dx[x0 + k] = max(0.0, min(dx[x0 + k], tx) + back_x); }
  }

  // 3. From "times the uniform density" to output pixels per row and column.
  for (var k = 0u; k < p.H; k++) { dy[y0 + k] *= f32(p.OH) / f32(p.H); }
  for (var k = 0u; k < p.W; k++) { dx[x0 + k] *= f32(p.OW) / f32(p.W); }
  fallback[n] = select(0.0, 1.0, empty_map);
}
