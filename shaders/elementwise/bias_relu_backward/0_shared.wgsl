// elementwise/bias_relu_backward/0_shared    What all rungs bind, and g at one place; an Element is a number or four.
// RELU 6: y = relu6(x + b), and g is 0 where y is 6, too.
const RELU: u32 = 1;
struct Params { N: u32, C: u32, L: u32 }
@group(0) @binding(0) var<storage, read> y: array<Element>;
@group(0) @binding(1) var<storage, read> dy: array<Element>;
@group(0) @binding(2) var<storage, read_write> g: array<Element>;
@group(0) @binding(3) var<storage, read_write> db: array<f32>;
@group(0) @binding(4) var<uniform> p: Params;
// #include "lib/relu.wgsl": rectified_gradient()

// Writes g there, and returns it.
fn gradient(i: u32) -> Element {
  let v = rectified_gradient(y[i], dy[i], RELU);
  g[i] = v;
  return v;
}
