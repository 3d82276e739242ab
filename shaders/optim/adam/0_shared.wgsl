// optim/adam/0_shared    What both rungs bind, and what is done to an Element, a number or four.
struct Params { n: u32, b1: f32, b2: f32, eps: f32, weight_decay: f32, scale: f32 }
@group(0) @binding(0) var<storage, read> g: array<Element>;
@group(0) @binding(1) var<storage, read> rate: array<f32>;
@group(0) @binding(2) var<storage, read_write> m: array<Element>;
@group(0) @binding(3) var<storage, read_write> s: array<Element>;
@group(0) @binding(4) var<storage, read_write> w: array<Element>;
@group(0) @binding(5) var<uniform> p: Params;
// #include "lib/strip.wgsl": main() calls element() for each of the elements()

fn element(i: u32) {
  let d = p.scale * g[i];
  let first = p.b1 * m[i] + (1.0 - p.b1) * d;
  let second = p.b2 * s[i] + (1.0 - p.b2) * d * d;
  m[i] = first;
  s[i] = second;
  w[i] -= rate[0] * (first / rate[1] / (sqrt(second / rate[2]) + p.eps) + p.weight_decay * w[i]);
}
