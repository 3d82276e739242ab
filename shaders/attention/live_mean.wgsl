// attention/live_mean    A[n,l] = mean over live channels c of M[n,c,l]; all channels if none is live
// M (N,C,L) attention maps, largest (N,C) the largest value of each feature channel: a channel lives if that is above
// zero. A is NaN where one of them is. One invocation an element of A.
@group(0) @binding(0) var<storage, read> M: array<f32>;
@group(0) @binding(1) var<storage, read> largest: array<f32>;
@group(0) @binding(2) var<storage, read_write> A: array<f32>;
@group(0) @binding(3) var<uniform> p: Params;
// #include "lib/nan.wgsl": is_nan(), nan_if()
// #include "attention/0_shared.wgsl": Params; main() calls element() for each place of a map

fn element(i: u32) {
  let n = i / p.L;
  var live = vec2f();
  var all = 0.0;
  var unknown = false;
  for (var c = 0u; c < p.C; c++) {
    let m = M[(n * p.C + c) * p.L + i % p.L];
    all += m;
    unknown = unknown || is_nan(largest[n * p.C + c]);
    if (largest[n * p.C + c] > 0.0) { live += vec2f(m, 1.0); }
  }
  A[i] = nan_if(unknown, select(all / f32(p.C), live.x / live.y, live.y > 0.0));
}
