// attention/live_mean_backward    dM[n,c,l] = dA[n,l] / number of live channels if c lives (or no channel does), else 0
// dA (N,L), largest (N,C) as in live_mean, dM (N,C,L).   One invocation a place: it writes that place of every channel.
@group(0) @binding(0) var<storage, read> dA: array<f32>;
@group(0) @binding(1) var<storage, read> largest: array<f32>;
@group(0) @binding(2) var<storage, read_write> dM: array<f32>;
@group(0) @binding(3) var<uniform> p: Params;
// #include "lib/nan.wgsl": is_nan(), nan_if()
// #include "attention/0_shared.wgsl": Params; main() calls element() for each place of a map

fn element(i: u32) {
  let n = i / p.L;
  var live = 0.0;
  var unknown = false;
  for (var c = 0u; c < p.C; c++) {
    live += select(0.0, 1.0, largest[n * p.C + c] > 0.0);
    unknown = unknown || is_nan(largest[n * p.C + c]);
  }
  let share = dA[i] / select(live, f32(p.C), live == 0.0);
  for (var c = 0u; c < p.C; c++) {
    let given = select(0.0, share, live == 0.0 || largest[n * p.C + c] > 0.0);
    dM[(n * p.C + c) * p.L + i % p.L] = nan_if(unknown, given);
  }
}
