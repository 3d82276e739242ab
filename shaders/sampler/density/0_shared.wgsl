// sampler/density/0_shared    From a map's two marginals to its sampling densities: output pixels for each row and
// column. All of both rungs but their lanes.
// rows (N,H), columns (N,W): max marginals;  dy (N,H), dx (N,W): densities that sum to OH and OW;  fallback (N): 1
// where the map held nothing, and the densities are uniform. All are NaN where the map held something that is NaN or
// infinite.
//
// TASN's clamp-and-redistribute (researchmm/tasn att_sampler-inl.h; not in the paper), in units of the uniform density:
//   repeat ITERATIONS times:  t = min(max(dx), max(dy)), in the first round at most DENSE;   clamp both to t;
//                             give what was cut off back to all rows (columns) alike.
// It forces the same largest magnification on both axes and caps it near DENSE: only the first round knows DENSE, and
// what it gives back may lift the peak over it again, by less than 1. COUPLED 0: each axis has a t of its own.
//
// LANES of them share a map: each has every LANES-th cell. The including kernel says how they make one sum, total_of(),
// and one largest value, largest_of(), out of what each has found.
const ITERATIONS: u32 = 5;
const COUPLED: u32 = 1;
struct Params { N: u32, H: u32, W: u32, OH: u32, OW: u32, dense: f32 }
@group(0) @binding(0) var<storage, read> rows: array<f32>;
@group(0) @binding(1) var<storage, read> columns: array<f32>;
@group(0) @binding(2) var<storage, read_write> dy: array<f32>;
@group(0) @binding(3) var<storage, read_write> dx: array<f32>;
@group(0) @binding(4) var<storage, read_write> fallback: array<f32>;
@group(0) @binding(5) var<uniform> p: Params;
// #include "sampler/0_marginal.wgsl": NOTHING, in_units_of_mean()
// #include "lib/finite.wgsl": is_finite()
// #include "lib/nan.wgsl": larger(), nan_if()

// An axis of one map: where its row of L cells begins in rows and dy or, if ACROSS, in columns and dx.
struct Axis { across: bool, first: u32, L: u32, O: u32 }

fn marginal(axis: Axis, k: u32) -> f32 {
  if (axis.across) { return columns[axis.first + k]; }
  return rows[axis.first + k];
}

fn density(axis: Axis, k: u32) -> f32 {
  if (axis.across) { return dx[axis.first + k]; }
  return dy[axis.first + k];
}

fn store(axis: Axis, k: u32, d: f32) {
  if (axis.across) { dx[axis.first + k] = d; } else { dy[axis.first + k] = d; }
}

// 1. Normalise the marginal to a mean of 1.
fn normalise(axis: Axis, largest: f32, lane: u32) {
  var mine = 0.0;
  for (var k = lane; k < axis.L; k += LANES) { mine += marginal(axis, k) / max(largest, NOTHING); }
  let sum = total_of(lane, mine);
  for (var k = lane; k < axis.L; k += LANES) {
    store(axis, k, in_units_of_mean(marginal(axis, k), largest, sum, axis.L));
  }
}

// 2. Clamp to t and give back.
fn peak_of(axis: Axis, lane: u32) -> f32 {
  var mine = 0.0;
  for (var k = lane; k < axis.L; k += LANES) { mine = max(mine, density(axis, k)); }
  return largest_of(lane, mine);
}

fn clamp_to(axis: Axis, t: f32, lane: u32) {
  var mine = 0.0;
  for (var k = lane; k < axis.L; k += LANES) { mine += min(density(axis, k), t); }
  let back = 1.0 - total_of(lane, mine) / f32(axis.L);
  // Rounding can make `back` a little negative. A density is never below zero, or the integral would turn round.
  for (var k = lane; k < axis.L; k += LANES) { store(axis, k, max(0.0, min(density(axis, k), t) + back)); }
}

// 3. From "times the uniform density" to output pixels per row or column.
fn to_pixels(axis: Axis, broken: bool, lane: u32) {
  for (var k = lane; k < axis.L; k += LANES) {
    store(axis, k, nan_if(broken, density(axis, k) * (f32(axis.O) / f32(axis.L))));
  }
}

fn densities(n: u32, lane: u32) {
  let y = Axis(false, n * p.H, p.H, p.OH);
  let x = Axis(true, n * p.W, p.W, p.OW);
  // A row's largest is a largest of the map, so rows alone tell whether the map holds anything.
  var mine = 0.0;
  for (var k = lane; k < p.H; k += LANES) { mine = larger(mine, marginal(y, k)); }
  let largest = largest_of(lane, mine);
  normalise(y, largest, lane);
  normalise(x, largest, lane);
  for (var j = 0u; j < ITERATIONS; j++) {
    var ty = peak_of(y, lane);
    var tx = peak_of(x, lane);
    if (COUPLED == 1u) {
      ty = min(ty, tx);
      tx = ty;
    }
    if (j == 0u) {
      ty = min(ty, p.dense);
      tx = min(tx, p.dense);
    }
    clamp_to(y, ty, lane);
    clamp_to(x, tx, lane);
  }
  let broken = !is_finite(largest);
  to_pixels(y, broken, lane);
  to_pixels(x, broken, lane);
  if (lane == 0u) { fallback[n] = nan_if(broken, select(0.0, 1.0, largest <= NOTHING)); }
}
