// lib/conv_epilogue    What a convolution does to a finished sum, for channel k of output i: nothing, or adding a bias
// (AFFINE 1) or batch norm by running statistics (AFFINE 2), adding a shortcut (RESIDUAL 1), ReLU (RELU 1) or ReLU6
// (RELU 6). Done here it costs no walk through memory of its own.
alias Element = f32;
alias Bits = u32;
const AFFINE: u32 = 0;
const RESIDUAL: u32 = 0;
const RELU: u32 = 0;
const EPS: f32 = 1e-5;
// #include "lib/relu.wgsl": rectified(), by which NaN stays NaN
fn epilogue(sum: f32, k: u32, i: u32) -> f32 {
  var v = sum;
  if (AFFINE == 1u) { v += beta[k]; }
  if (AFFINE == 2u) { v = (v - mean[k]) * (inverseSqrt(variance[k] + EPS) * gamma[k]) + beta[k]; }
  if (RESIDUAL == 1u) { v += residual[i]; }
  return rectified(v, RELU);
}
