// batch_norm/running    running = (1 - momentum) * running + momentum * batch statistic, the variance unbiased
// mean, variance, running_mean, running_var (C).   One invocation a channel. PyTorch's rule.
struct Params { C: u32, count: f32, momentum: f32 }
@group(0) @binding(0) var<storage, read> mean: array<f32>;
@group(0) @binding(1) var<storage, read> variance: array<f32>;
@group(0) @binding(2) var<storage, read_write> running_mean: array<f32>;
@group(0) @binding(3) var<storage, read_write> running_var: array<f32>;
@group(0) @binding(4) var<uniform> p: Params;
// #include "lib/each.wgsl": main() calls element() for each of the elements()

fn elements() -> u32 { return p.C; }

fn element(c: u32) {
  running_mean[c] = (1.0 - p.momentum) * running_mean[c] + p.momentum * mean[c];
  running_var[c] = (1.0 - p.momentum) * running_var[c] + p.momentum * variance[c] * p.count / max(p.count - 1.0, 1.0);
}
