// loss/cross_entropy_soft_backward
// dx[n,k] = dloss / N * (softmax(x[n] / temperature)[k] - targets[n,k]) / temperature
// x, dx (N,K), targets (N,K), rows that sum to 1, dloss (1).   One invocation a row.
// #include "loss/0_backward.wgsl": Params, dx by put(), the other bindings; main() calls target_of(n, k)
@group(0) @binding(5) var<storage, read> targets: array<f32>;

fn target_of(n: u32, k: u32) -> f32 { return targets[n * p.K + k]; }
