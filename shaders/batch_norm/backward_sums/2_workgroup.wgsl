// batch_norm/backward_sums/2_workgroup    dbias[c] = sum of g[:,c,:],  dweight[c] = sum of g[:,c,:] * xhat[:,c,:]
// with xhat = (x - mean) / sqrt(variance + eps) and g = dy (RELU 1: where y > 0, else 0).
// x, y, dy (N,C,L), the rest (C).   One workgroup a channel: WG lanes share the walk and meet in workgroup memory.
const WG: u32 = 64;
const RELU: u32 = 0;
struct Params { N: u32, C: u32, L: u32, eps: f32 }
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> y: array<f32>;
@group(0) @binding(2) var<storage, read> dy: array<f32>;
@group(0) @binding(3) var<storage, read> mean: array<f32>;
@group(0) @binding(4) var<storage, read> variance: array<f32>;
@group(0) @binding(5) var<storage, read_write> dweight: array<f32>;
@group(0) @binding(6) var<storage, read_write> dbias: array<f32>;
@group(0) @binding(7) var<uniform> p: Params;
var<workgroup> partial: array<vec2f, WG>;

@compute @workgroup_size(WG)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let c = group.x;
  let m = mean[c];
  let rstd = inverseSqrt(variance[c] + p.eps);
  var sums = vec2f();
  for (var n = 0u; n < p.N; n++) {
    let base = (n * p.C + c) * p.L;
    for (var l = lane; l < p.L; l += WG) {
      var g = dy[base + l];
      if (RELU == 1u) { g = select(0.0, g, y[base + l] > 0.0); }
      sums += vec2f(g, g * (x[base + l] - m) * rstd);
    }
  }
  partial[lane] = sums;
  for (var half = WG / 2u; half > 0u; half /= 2u) {
    workgroupBarrier();
    if (lane < half) { partial[lane] += partial[lane + half]; }
  }
  if (lane == 0u) {
    dbias[c] = partial[0].x;
    dweight[c] = partial[0].y;
  }
}
