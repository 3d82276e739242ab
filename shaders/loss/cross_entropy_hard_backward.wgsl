// loss/cross_entropy_hard_backward
// dx[n,k] = dloss / N * (softmax(x[n] / temperature)[k] - [k = label]) / temperature
// x, dx (N,K), labels (N), whole numbers, dloss (1).   One invocation a row. NaN where a label is no class.
// #include "lib/nan.wgsl": nan_if()
// #include "loss/0_backward.wgsl": Params, dx by put(), the other bindings; main() calls target_of(n, k)
@group(0) @binding(5) var<storage, read> labels: array<u32>;

fn target_of(n: u32, k: u32) -> f32 { return nan_if(labels[n] >= p.K, select(0.0, 1.0, k == labels[n])); }
