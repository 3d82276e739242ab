// batch_norm/normalise_add/1_naive    y[n,c,l] = (x[n,c,l] - mean[c]) / sqrt(variance[c] + eps) * weight[c] + bias[c] +
// residual[n,c,l]        (RELU 1: max(that, 0)) x, y, residual (N,C,L), the rest (C).   One invocation an element.
const RELU: u32 = 0;
struct Params { N: u32, C: u32, L: u32, eps: f32 }
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> mean: array<f32>;
@group(0) @binding(2) var<storage, read> variance: array<f32>;
@group(0) @binding(3) var<storage, read> weight: array<f32>;
@group(0) @binding(4) var<storage, read> bias: array<f32>;
@group(0) @binding(5) var<storage, read_write> y: array<f32>;
@group(0) @binding(6) var<uniform> p: Params;
@group(0) @binding(7) var<storage, read> residual: array<f32>;
// #include "lib/each.wgsl": main() calls element() for each of the elements()

fn elements() -> u32 { return p.N * p.C * p.L; }

fn element(i: u32) {
  let c = i / p.L % p.C;
  let v = (x[i] - mean[c]) * inverseSqrt(variance[c] + p.eps) * weight[c] + bias[c] + residual[i];
  y[i] = select(v, max(v, 0.0), RELU == 1u);
}
