// sampler/density_exact_backward    the gradient of density_exact
// m, d (N,L) as there, dd (N,L) the gradient of d, dm (N,L).   One invocation a map.
//
// Let m' = m L / sum(m) be the marginal in units of its mean. A cell at the cap stays there: it passes on no gradient.
// (Another pipeline has rounded it, so a cell within a millionth of the cap is at it.)
// A free cell holds m' + b, and b takes from all free cells alike what one of them gains. So for a free cell, with
// g = dd and the mean over the free cells:
//   dm' = g - mean(g),   dm = (dm' - sum(dm' m') / L) L / sum(m)
struct Params { N: u32, L: u32, O: u32, dense: f32 }
@group(0) @binding(0) var<storage, read> m: array<f32>;
@group(0) @binding(1) var<storage, read> d: array<f32>;
@group(0) @binding(2) var<storage, read> dd: array<f32>;
@group(0) @binding(3) var<storage, read_write> dm: array<f32>;
@group(0) @binding(4) var<uniform> p: Params;
// #include "sampler/0_marginal.wgsl": NOTHING
// #include "lib/finite.wgsl": is_finite()
// #include "lib/nan.wgsl": larger(), nan_if()
// #include "lib/each.wgsl": main() calls element() for each of the elements()

fn elements() -> u32 { return p.N; }

fn element(n: u32) {
  let base = n * p.L;
  let unit = f32(p.O) / f32(p.L); // output pixels of the uniform density
  let cap = p.dense * unit * 0.999999;
  var total = 0.0;
  var largest = 0.0;
  var mean = 0.0;
  var free = 0.0;
  for (var k = 0u; k < p.L; k++) {
    total += m[base + k];
    largest = larger(largest, m[base + k]);
    if (d[base + k] < cap) {
      mean += dd[base + k] * unit;
      free += 1.0;
    }
  }
  mean /= max(free, 1.0);
  let empty_map = largest <= NOTHING;
  let broken = !is_finite(largest);
  var along = 0.0;
  for (var k = 0u; k < p.L; k++) {
    let g = select(0.0, dd[base + k] * unit - mean, d[base + k] < cap);
    dm[base + k] = g;
    along += g * m[base + k] / max(total, NOTHING);
  }
  for (var k = 0u; k < p.L; k++) {
    let through = select((dm[base + k] - along) * f32(p.L) / max(total, NOTHING), 0.0, empty_map);
    dm[base + k] = nan_if(broken, through);
  }
}
