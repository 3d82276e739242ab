// batch_norm/0_shared    The gradient behind the ReLU that a batch norm may have: g = dy (RELU 1: where y > 0, else 0).
// The including kernel binds y and dy, arrays of Elements: of numbers or of vec4, whose Bits are u32 or vec4u.
const RELU: u32 = 0;
// #include "lib/relu.wgsl": relu_gradient()
fn gradient(i: u32) -> Element {
  var g = dy[i];
  if (RELU == 1u) { g = relu_gradient(y[i], g); }
  return g;
}
