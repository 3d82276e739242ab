// sampler/density_exact    d = min(m + b, DENSE) with the b >= 0 that keeps the mean at 1: no magnification over DENSE
// m (N,L): max marginal of one axis, here normalised to a mean of 1;  d (N,L): output pixels per cell, which sum to O;
// fallback (N): 1 where the map held nothing, and d is uniform. Both are NaN where it held something that is NaN or
// infinite.   One invocation a map.
//
// The cap is our own and exact: water-filling, which gives what is cut off at the cap to the cells below it, and to no
// others. The published code instead iterates a fixed number of rounds of clamping and giving back to all cells alike
// (sampler/density), and may overshoot the cap, by up to 25 %.
// b only grows from round to round, and with it the number of cells at the cap, so after at most L rounds nothing
// changes.
struct Params { N: u32, L: u32, O: u32, dense: f32 }
@group(0) @binding(0) var<storage, read> m: array<f32>;
@group(0) @binding(1) var<storage, read_write> d: array<f32>;
@group(0) @binding(2) var<storage, read_write> fallback: array<f32>;
@group(0) @binding(3) var<uniform> p: Params;
// #include "sampler/0_marginal.wgsl": NOTHING, in_units_of_mean()
// #include "lib/finite.wgsl": is_finite()
// #include "lib/nan.wgsl": larger(), nan_if()
// #include "lib/each.wgsl": main() calls element() for each of the elements()

fn elements() -> u32 { return p.N; }

fn element(n: u32) {
  let base = n * p.L;
  var largest = 0.0;
  for (var k = 0u; k < p.L; k++) { largest = larger(largest, m[base + k]); }
  var sum = 0.0;
  for (var k = 0u; k < p.L; k++) { sum += m[base + k] / max(largest, NOTHING); }
  for (var k = 0u; k < p.L; k++) { d[base + k] = in_units_of_mean(m[base + k], largest, sum, p.L); }

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
  let broken = !is_finite(largest);
  for (var k = 0u; k < p.L; k++) {
    let lifted = d[base + k] + b;
    d[base + k] = nan_if(broken, select(lifted, p.dense, lifted >= p.dense) * (f32(p.O) / f32(p.L)));
  }
  fallback[n] = nan_if(broken, select(0.0, 1.0, largest <= NOTHING));
}
