// loss/0_backward    dx[n,k] = dloss[n] * (softmax(x[n] / temperature)[k] - target of class k) / temperature, for hard
// and soft targets alike. The including kernel binds a tensor of targets, and target_of(n, k) says what is in it.
// #include "loss/0_shared.wgsl": Params, log_sum_exp() of a row; main() calls element() for each row
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> dloss: array<f32>;
@group(0) @binding(2) var<storage, read_write> dx: array<f32>;
@group(0) @binding(3) var<uniform> p: Params;

fn element(n: u32) {
  let row = n * p.K;
  let lse = log_sum_exp(n);
  for (var k = 0u; k < p.K; k++) {
    let q = exp((x[row + k] - lse.x) / p.temperature - lse.y);
    dx[row + k] = dloss[n] * (q - target_of(n, k)) / p.temperature;
  }
}
