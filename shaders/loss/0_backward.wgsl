// loss/0_backward    dx[n,k] = dloss / N * (softmax(x[n] / temperature)[k] - target of class k) / temperature, for hard
// and soft targets alike. The including kernel binds a tensor of targets, and target_of(n, k) says what is in it.
// #include "loss/0_shared.wgsl": Params, log_sum_exp() of a row, exp_of()
// #include "lib/each.wgsl": main() calls element() for each of the elements(), the rows
alias Element = f32;
// #include "lib/put.wgsl": dx, and put(), which stores into it
@group(0) @binding(2) var<storage, read> x: array<f32>;
@group(0) @binding(3) var<storage, read> dloss: array<f32>;
@group(0) @binding(4) var<uniform> p: Params;

fn elements() -> u32 { return p.N; }

fn element(n: u32) {
  let row = n * p.K;
  let lse = log_sum_exp(n);
  let d = dloss[0] / f32(p.N);
  for (var k = 0u; k < p.K; k++) {
    let q = exp_of((x[row + k] - lse.x) / p.temperature - lse.y);
    put(row + k, d * (q - target_of(n, k)) / p.temperature);
  }
}
