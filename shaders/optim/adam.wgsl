// optim/adam    m = b1 * m + (1 - b1) * d;   s = b2 * s + (1 - b2) * d^2;
// w = w - lr * (m / c1 / (sqrt(s / c2) + eps) + weight_decay * w)   with d = scale * g, c1 = 1 - b1^t, c2 = 1 - b2^t
// w, g, m, s: one parameter, its gradient and its two moments (n elements), rate = [lr, c1, c2].   One invocation an
// element (on a CPU, a strip).
// AdamW (Loshchilov and Hutter 2019), PyTorch's rule.
struct Params { n: u32, b1: f32, b2: f32, eps: f32, weight_decay: f32, scale: f32 }
@group(0) @binding(0) var<storage, read> g: array<f32>;
@group(0) @binding(1) var<storage, read> rate: array<f32>;
@group(0) @binding(2) var<storage, read_write> m: array<f32>;
@group(0) @binding(3) var<storage, read_write> s: array<f32>;
@group(0) @binding(4) var<storage, read_write> w: array<f32>;
@group(0) @binding(5) var<uniform> p: Params;
// #include "lib/strip.wgsl": main() calls element() for each of the elements()

fn elements() -> u32 { return p.n; }

fn element(i: u32) {
  let d = p.scale * g[i];
  let first = p.b1 * m[i] + (1.0 - p.b1) * d;
  let second = p.b2 * s[i] + (1.0 - p.b2) * d * d;
  m[i] = first;
  s[i] = second;
  w[i] -= rate[0] * (first / rate[1] / (sqrt(second / rate[2]) + p.eps) + p.weight_decay * w[i]);
}
