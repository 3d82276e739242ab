// sampler/invert_backward    dd[n,j] = sum over outputs o of g[n,o] * d position[n,o] / d d[n,j]      (half-pixel only)
// d, dd (N,L) densities, position, g (N,O).   One invocation a density.
//
// position = (k + (goal - c[k-1]) / d[k]) * source / L - 1/2 with goal = (o + 1/2) / O * c[L-1], where k is the cell
// that the position lies in:
//   d position / d d[j] = source / L / d[k] * ((o + 1/2) / O  -  [j < k]  -  [j = k] (how far into the cell)).
// Positions at the image's edge were held there: no gradient.
struct Params { N: u32, L: u32, O: u32, source: u32 }
@group(0) @binding(0) var<storage, read> d: array<f32>;
@group(0) @binding(1) var<storage, read> position: array<f32>;
@group(0) @binding(2) var<storage, read> g: array<f32>;
@group(0) @binding(3) var<storage, read_write> dd: array<f32>;
@group(0) @binding(4) var<uniform> p: Params;
// #include "lib/nan.wgsl": is_nan()
// #include "lib/each.wgsl": main() calls element() for each of the elements()

fn elements() -> u32 { return p.N * p.L; }

fn element(i: u32) {
  let n = i / p.L;
  let j = i % p.L;
  let scale = f32(p.source) / f32(p.L);
  var sum = 0.0;
  for (var o = 0u; o < p.O; o++) {
    let at = position[n * p.O + o];
    if (is_nan(at)) {
      sum = at;
      break;
    }
    if (at <= 0.0 || at >= f32(p.source - 1u)) { continue; }
    let cells = (at + 0.5) / scale;
    var k = min(u32(cells), p.L - 1u);
    // On the border behind it, the position came from the cell before an empty one.
    while (k > 0u && d[n * p.L + k] <= 1e-12) { k--; }
    let passed = select(select(0.0, cells - f32(k), j == k), 1.0, j < k);
    sum += g[n * p.O + o] * scale / max(d[n * p.L + k], 1e-12) * ((f32(o) + 0.5) / f32(p.O) - passed);
  }
  dd[i] = sum;
}
