// batch_norm/statistics/0_shared    What all rungs bind, and what they write of a channel; an Element of x is a number
// or four. count = N * L.
//   moments[c] = (mean, variance)
//   running = (1 - momentum) * running + momentum * batch statistic, the variance unbiased: PyTorch's rule
struct Params { N: u32, C: u32, L: u32, momentum: f32 }
@group(0) @binding(0) var<storage, read> x: array<Element>;
@group(0) @binding(1) var<storage, read_write> moments: array<vec2f>;
@group(0) @binding(2) var<storage, read_write> running_mean: array<f32>;
@group(0) @binding(3) var<storage, read_write> running_var: array<f32>;
@group(0) @binding(4) var<uniform> p: Params;

fn finish(c: u32, mean: f32, variance: f32) {
  moments[c] = vec2f(mean, variance);
  let count = f32(p.N * p.L);
  running_mean[c] = (1.0 - p.momentum) * running_mean[c] + p.momentum * mean;
  running_var[c] = (1.0 - p.momentum) * running_var[c] + p.momentum * variance * count / max(count - 1.0, 1.0);
}
