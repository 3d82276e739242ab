// batch_norm/backward_sums/1_naive    dbias[c] = sum of g[:,c,:],  dweight[c] = sum of g[:,c,:] * xhat[:,c,:]
// with xhat = (x - mean) / sqrt(variance + eps) and g = dy (RELU 1: where y > 0, else 0).
// x, y, dy (N,C,L), the rest (C).   One invocation a channel.
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
// #include "lib/each.wgsl": main() calls element() for each of the elements()

fn elements() -> u32 { return p.C; }

fn element(c: u32) {
  let m = mean[c];
  let rstd = inverseSqrt(variance[c] + p.eps);
  var sum = 0.0;
  var sum_xhat = 0.0;
  for (var n = 0u; n < p.N; n++) {
    for (var l = 0u; l < p.L; l++) {
      let i = (n * p.C + c) * p.L + l;
      var g = dy[i];
      if (RELU == 1u) { g = select(0.0, g, y[i] > 0.0); }
      sum += g;
      sum_xhat += g * (x[i] - m) * rstd;
    }
  }
  dbias[c] = sum;
  dweight[c] = sum_xhat;
}
