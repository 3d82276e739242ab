// sampler/density_exact    a marginal of maps becomes a density with no row (column) above DENSE times the uniform one
// m (N,L): max marginal,  d (N,L): output pixels per cell, summing to O,  fallback (N): 1 where the map held nothing:
// uniform. One invocation a map.
//
// What the published clamp-and-redistribute does in five rounds, done to the end: with the marginal normalised to a
// mean of 1,
//   d = min(m + b, DENSE),   b >= 0 such that the mean is 1 again.
// b only grows from round to round, and with it the number of cells at the cap, so that after at most L rounds nothing
// changes.
struct Params { N: u32, L: u32, O: u32, dense: f32 }
@group(0) @binding(0) var<storage, read> m: array<f32>;
@group(0) @binding(1) var<storage, read_write> d: array<f32>;
@group(0) @binding(2) var<storage, read_write> fallback: array<f32>;
@group(0) @binding(3) var<uniform> p: Params;
// #include "lib/each.wgsl": main() calls element() for each of the elements()

const NOTHING: f32 = 1e-12;

fn elements() -> u32 { return p.N; }

fn element(n: u32) {
  let base = n * p.L;
  var largest = 0.0;
  for (var k = 0u; k < p.L; k++) { largest = max(largest, m[base + k]); }
  var sum = 0.0;
  for (var k = 0u; k < p.L; k++) { sum += m[base + k] / max(largest, NOTHING); }
  let empty_map = largest <= NOTHING;
  for (var k = 0u; k < p.L; k++) { d[base + k] = select(m[base + k] / largest * f32(p.L) / sum, 1.0, empty_map); }

  var b = 0.0;
  var before = -1.0;
  var at_cap = 0.0;
  for (var round = 0u; round < p.L && at_cap != before; round++) {
    before = at_cap;
    at_cap = 0.0;
    sum = 0.0;
    for (var k = 0u; k < p.L; k++) {
      let capped = d[base + k] + b >= p.dense;
      at_cap += select(0.0, 1.0, capped);
      sum += select(d[base + k], 0.0, capped);
    }
    let free = f32(p.L) - at_cap;
    if (free > 0.0) { b = max(b, (f32(p.L) - p.dense * at_cap - sum) / free); }
  }
  for (var k = 0u; k < p.L; k++) { d[base + k] = select(d[base + k] + b, p.dense, d[base + k] + b >= p.dense) * (f32(p.O) / f32(p.L)); }
  fallback[n] = select(0.0, 1.0, empty_map);
}
