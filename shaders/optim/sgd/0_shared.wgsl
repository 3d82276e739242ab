// optim/sgd/0_shared    What both rungs bind, and what is done to an Element, a number or four.
const NESTEROV: u32 = 0;
struct Params { n: u32, momentum: f32, weight_decay: f32, scale: f32 }
@group(0) @binding(0) var<storage, read> g: array<Element>;
@group(0) @binding(1) var<storage, read> rate: array<f32>;
@group(0) @binding(2) var<storage, read_write> v: array<Element>;
@group(0) @binding(3) var<storage, read_write> w: array<Element>;
@group(0) @binding(4) var<uniform> p: Params;
// #include "lib/strip.wgsl": main() calls element() for each of the elements()

fn element(i: u32) {
  let d = p.scale * g[i] + p.weight_decay * w[i];
  let velocity = p.momentum * v[i] + d;
  v[i] = velocity;
  w[i] -= rate[0] * select(velocity, d + p.momentum * velocity, NESTEROV == 1u);
}
