// batch_norm/running    running = (1 - momentum) * running + momentum * batch statistic, the variance unbiased
// (PyTorch's rule) mean, variance, running_mean, running_var (C).   One invocation a channel.
const WG: u32 = 64;
struct Params { C: u32, count: f32, momentum: f32 }
@group(0) @binding(0) var<storage, read> mean: array<f32>;
@group(0) @binding(1) var<storage, read> variance: array<f32>;
@group(0) @binding(2) var<storage, read_write> running_mean: array<f32>;
@group(0) @binding(3) var<storage, read_write> running_var: array<f32>;
@group(0) @binding(4) var<uniform> p: Params;

@compute @workgroup_size(WG)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let c = id.x;
  if (c >= p.C) { return; }
  running_mean[c] = (1.0 - p.momentum) * running_mean[c] + p.momentum * mean[c];
  running_var[c] = (1.0 - p.momentum) * running_var[c] + p.momentum * variance[c] * p.count / max(p.count - 1.0, 1.0);
}
