// batch_norm/backward_input/1_naive    dx = weight / sqrt(variance + eps) * (g - mean(g) - xhat * mean(g * xhat)), 
// means over a channel with xhat = (x - mean) / sqrt(variance + eps) and g = dy (RELU 1: where y > 0, else 0).
// x, y, dy, dx (N,C,L), coefficients (C,4) from backward_coefficients.   One invocation an element.
const RELU: u32 = 0;
struct Params { N: u32, C: u32, L: u32 }
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> y: array<f32>;
@group(0) @binding(2) var<storage, read> dy: array<f32>;
@group(0) @binding(3) var<storage, read> coefficients: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> dx: array<f32>;
@group(0) @binding(5) var<uniform> p: Params;
// #include "lib/each.wgsl": main() calls element() for each of the elements()

fn elements() -> u32 { return p.N * p.C * p.L; }

fn element(i: u32) {
  let k = coefficients[i / p.L % p.C];
  var g = dy[i];
  if (RELU == 1u) { g = select(0.0, g, y[i] > 0.0); }
  dx[i] = k.x * (g - k.z - (x[i] - k.y) * k.w);
}
