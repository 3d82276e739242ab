// sampler/invert    position[n,o] = where, in source pixels, the running sum of d[n] reaches step o of O equal steps
// d (N,L) densities, position (N,O), NaN where the densities are.   One invocation a position: it adds up the densities
// itself. L is a hundred or so, and a launch for the running sum c[k] = d[0] + ... + d[k] would take longer.
//
// This is the inverse transform. The running sum is the integral of the density: it grows fast where there is much
// attention. So equal steps of it, carried back to the axis, lie close together there: that is the magnification.
//   TORCH 0 (half-pixel): cell k holds d[k] between c[k-1] and c[k];  output o sits at (o + 1/2) / O of the total;
//     pixel centres are at k + 1/2, so position = where - 1/2. A uniform density gives exactly a half-pixel resize.
//   TORCH 1 (as in tasn-pytorch): knots at the pixels, c'[k] = c[k] - d[0], steps o / O of c'[L-1], linear between the
//     knots.
const TORCH: u32 = 0;
struct Params { N: u32, L: u32, O: u32, source: u32 }
@group(0) @binding(0) var<storage, read> d: array<f32>;
@group(0) @binding(1) var<storage, read_write> position: array<f32>;
@group(0) @binding(2) var<uniform> p: Params;
// #include "lib/finite.wgsl": is_finite()
// #include "lib/nan.wgsl": nan_if()
// #include "lib/each.wgsl": main() calls element() for each of the elements()

fn elements() -> u32 { return p.N * p.O; }

fn element(i: u32) {
  let o = i % p.O;
  let base = i / p.O * p.L;
  var total = 0.0;
  for (var k = TORCH; k < p.L; k++) { total += d[base + k]; } // as published, TORCH drops the first density
  let goal = select(f32(o) + 0.5, f32(o), TORCH == 1u) / f32(p.O) * total;

  // The first cell k whose end reaches the goal.
  var k = TORCH;
  var before = 0.0;
  while (k + 1u < p.L && before + d[base + k] < goal) {
    before += d[base + k];
    k++;
  }
  // How far into cell k; an empty cell is crossed in no time.
  let inside = clamp((goal - before) / max(d[base + k], 1e-12), 0.0, 1.0);
  let cells = f32(k) + inside - select(0.0, 1.0, TORCH == 1u);

  // From cells of the map to pixels of the source image.
  if (TORCH == 1u) {
    position[i] = nan_if(!is_finite(total), cells * f32(p.source - 1u) / f32(p.L - 1u));
  } else {
    let pixel = clamp(cells * f32(p.source) / f32(p.L) - 0.5, 0.0, f32(p.source - 1u));
    position[i] = nan_if(!is_finite(total), pixel);
  }
}
