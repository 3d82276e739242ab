// attention/choose_live    channel[n] = live channel number floor(u[n] * how many live) of image n; of all channels if
// none is live; C, which is no channel, if a largest value or u[n] is NaN or u[n] is outside 0 to 1
// largest (N,C) the largest value of each feature channel, u (N) in [0,1), channel (N).   One invocation an image.
// The random number comes from the host, in a tensor, so that a recorded plan picks anew at every run.
struct Params { N: u32, C: u32 }
@group(0) @binding(0) var<storage, read> largest: array<f32>;
@group(0) @binding(1) var<storage, read> u: array<f32>;
@group(0) @binding(2) var<storage, read_write> channel: array<u32>;
@group(0) @binding(3) var<uniform> p: Params;
// #include "lib/nan.wgsl": is_nan()
// #include "lib/each.wgsl": main() calls element() for each of the elements()

fn elements() -> u32 { return p.N; }

fn element(n: u32) {
  var live = 0u;
  var unknown = is_nan(u[n]) || u[n] < 0.0 || u[n] > 1.0;
  for (var c = 0u; c < p.C; c++) {
    live += select(0u, 1u, largest[n * p.C + c] > 0.0);
    unknown = unknown || is_nan(largest[n * p.C + c]);
  }
  if (unknown) {
    channel[n] = p.C;
    return;
  }
  let none = live == 0u;
  let count = select(live, p.C, none);
  var left = min(u32(u[n] * f32(count)), count - 1u);
  for (var c = 0u; c < p.C; c++) {
    if (!none && !(largest[n * p.C + c] > 0.0)) { continue; }
    if (left == 0u) {
      channel[n] = c;
      break;
    }
    left--;
  }
}
