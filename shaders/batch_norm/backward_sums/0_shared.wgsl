// batch_norm/backward_sums/0_shared    What all rungs bind, and what they write of a channel; an Element is a number or
// four. count = N * L.
//   dbias, dweight
//   coefficients = (weight / sqrt(variance + eps), mean, dbias / count, dweight / count / sqrt(variance + eps)): what
//     backward_input needs to know. TRAINING 0: mean and variance are constants, and the last two are zero.
const TRAINING: u32 = 1;
struct Params { N: u32, C: u32, L: u32, eps: f32 }
@group(0) @binding(0) var<storage, read> x: array<Element>;
@group(0) @binding(1) var<storage, read> y: array<Element>;
@group(0) @binding(2) var<storage, read> dy: array<Element>;
@group(0) @binding(3) var<storage, read> moments: array<vec2f>;
@group(0) @binding(4) var<storage, read> weight: array<f32>;
@group(0) @binding(5) var<storage, read_write> dweight: array<f32>;
@group(0) @binding(6) var<storage, read_write> dbias: array<f32>;
@group(0) @binding(7) var<storage, read_write> coefficients: array<vec4f>;
@group(0) @binding(8) var<uniform> p: Params;
// #include "batch_norm/0_shared.wgsl": gradient(), dy behind the ReLU

fn mean_of(c: u32) -> f32 { return moments[c].x; }
fn rstd_of(c: u32) -> f32 { return inverseSqrt(moments[c].y + p.eps); }

fn finish(c: u32, sum_g: f32, sum_g_xhat: f32) {
  dbias[c] = sum_g;
  dweight[c] = sum_g_xhat;
  let rstd = rstd_of(c);
  let through_statistics = vec2f(sum_g, sum_g_xhat * rstd) / f32(p.N * p.L);
  coefficients[c] = vec4f(weight[c] * rstd, mean_of(c), select(vec2f(), through_statistics, TRAINING == 1u));
}
