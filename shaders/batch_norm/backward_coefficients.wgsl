// batch_norm/backward_coefficients    what backward_input needs to know of a channel, in one vec4:
//   (weight / sqrt(variance + eps),  mean,  dbias / count,  dweight / count / sqrt(variance + eps)),  count = N * L
// TRAINING 0: mean and variance are constants, and the last two are zero.
// All tensors (C), coefficients (C,4).   One invocation a channel.
const TRAINING: u32 = 1;
struct Params { N: u32, C: u32, L: u32, eps: f32 }
@group(0) @binding(0) var<storage, read> mean: array<f32>;
@group(0) @binding(1) var<storage, read> variance: array<f32>;
@group(0) @binding(2) var<storage, read> weight: array<f32>;
@group(0) @binding(3) var<storage, read> dweight: array<f32>;
@group(0) @binding(4) var<storage, read> dbias: array<f32>;
@group(0) @binding(5) var<storage, read_write> coefficients: array<vec4f>;
@group(0) @binding(6) var<uniform> p: Params;
// #include "lib/each.wgsl": main() calls element() for each of the elements()

fn elements() -> u32 { return p.C; }

fn element(c: u32) {
  let rstd = inverseSqrt(variance[c] + p.eps);
  let count = f32(p.N * p.L);
  let through_statistics = vec2f(dbias[c], dweight[c] * rstd) / count;
  coefficients[c] = vec4f(weight[c] * rstd, mean[c], select(vec2f(), through_statistics, TRAINING == 1u));
}
