// loss/cross_entropy_hard    loss[n] = log sum exp(z) - z[label],  z = x[n] / temperature
// x (N,K), labels (N), whole numbers, loss (N).   One invocation a row.
// A label that is no class, K or more, makes its loss NaN: a shader cannot throw.
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> labels: array<u32>;
@group(0) @binding(2) var<storage, read_write> loss: array<f32>;
@group(0) @binding(3) var<uniform> p: Params;
// #include "lib/nan.wgsl": nan_if()
// #include "loss/0_shared.wgsl": Params, log_sum_exp(), cost(); main() calls element() for each row

fn element(n: u32) {
  let label = min(labels[n], p.K - 1u);
  loss[n] = nan_if(labels[n] >= p.K, cost(n * p.K + label, log_sum_exp(n)));
}
