// loss/cross_entropy_hard    loss = mean over n of log sum exp(z) - z[label],  z = x[n] / temperature;
// correct[n] = 1 where the largest of x[n] is at the label, else 0
// x (N,K), labels (N), whole numbers, loss (1), correct (N).   One workgroup: its lanes take the rows in turn.
// A label that is no class, K or more, makes its loss NaN: a shader cannot throw.
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> labels: array<u32>;
@group(0) @binding(2) var<storage, read_write> loss: array<f32>;
@group(0) @binding(3) var<storage, read_write> correct: array<f32>;
@group(0) @binding(4) var<uniform> p: Params;
// #include "loss/0_mean.wgsl": Params, log_sum_exp(), cost(); main() adds up loss_of() each row
// #include "loss/0_correct.wgsl": correct_of()

fn loss_of(n: u32) -> f32 {
  correct[n] = correct_of(n);
  let label = min(labels[n], p.K - 1u);
  return nan_if(labels[n] >= p.K, cost(n * p.K + label, log_sum_exp(n)));
}
