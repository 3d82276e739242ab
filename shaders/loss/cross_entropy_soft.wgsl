// loss/cross_entropy_soft    loss = mean over n of sum over k of targets[n,k] * (log sum exp(z) - z[k]),
// z = x[n] / temperature
// x (N,K), targets (N,K), rows that sum to 1, loss (1).   One workgroup: its lanes take the rows in turn.
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> targets: array<f32>;
@group(0) @binding(2) var<storage, read_write> loss: array<f32>;
@group(0) @binding(3) var<uniform> p: Params;
// #include "loss/0_mean.wgsl": Params, log_sum_exp(), cost(); main() adds up loss_of() each row

fn loss_of(n: u32) -> f32 {
  let lse = log_sum_exp(n);
  var total = Sum();
  for (var i = n * p.K; i < (n + 1u) * p.K; i++) { add(&total, targets[i] * cost(i, lse)); }
  return sum_of(&total);
}
