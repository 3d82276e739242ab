// batch_norm/normalise/0_shared    What both rungs of normalise and both of normalise_add bind; an Element of x and y
// is a number or four, and its Bits are u32 or vec4u.
struct Params { N: u32, C: u32, L: u32, eps: f32 }
@group(0) @binding(0) var<storage, read> x: array<Element>;
@group(0) @binding(1) var<storage, read> moments: array<vec2f>;
@group(0) @binding(2) var<storage, read> weight: array<f32>;
@group(0) @binding(3) var<storage, read> bias: array<f32>;
@group(0) @binding(4) var<storage, read_write> y: array<Element>;
@group(0) @binding(5) var<uniform> p: Params;

// (scale, mean, bias) of a channel.
fn channel(c: u32) -> vec3f {
  let mean = moments[c].x;
  let variance = moments[c].y;
  return vec3f(inverseSqrt(variance + p.eps) * weight[c], mean, bias[c]);
}

// #include "lib/relu.wgsl": rectified(), by which NaN stays NaN
const RELU: u32 = 0;
fn ending(v: Element) -> Element { return rectified(v, RELU); }
