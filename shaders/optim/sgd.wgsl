// optim/sgd    d = scale * g + weight_decay * w;   v = momentum * v + d;   w = w - lr * v
// (NESTEROV 1: w = w - lr * (d + momentum * v))
// w, g, v: one parameter, its gradient, its velocity (n elements), rate = [lr].   One invocation an element (on a CPU,
// a strip).
// PyTorch's rule. The learning rate is a tensor, so that a recorded step follows the schedule.
const NESTEROV: u32 = 0;
struct Params { n: u32, momentum: f32, weight_decay: f32, scale: f32 }
@group(0) @binding(0) var<storage, read> g: array<f32>;
@group(0) @binding(1) var<storage, read> rate: array<f32>;
@group(0) @binding(2) var<storage, read_write> v: array<f32>;
@group(0) @binding(3) var<storage, read_write> w: array<f32>;
@group(0) @binding(4) var<uniform> p: Params;
// #include "lib/strip.wgsl": main() calls element() for each of the elements()

fn elements() -> u32 { return p.n; }

fn element(i: u32) {
  let d = p.scale * g[i] + p.weight_decay * w[i];
  let velocity = p.momentum * v[i] + d;
  v[i] = velocity;
  w[i] -= rate[0] * select(velocity, d + p.momentum * velocity, NESTEROV == 1u);
}
