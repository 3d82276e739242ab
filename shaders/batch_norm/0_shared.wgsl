// batch_norm/0_shared    The gradient behind the ReLU that a batch norm may have: g = dy (RELU 1: where y > 0, else 0;
// RELU 6: where y > 0 and y < 6, else 0).
// The including kernel binds y and dy, arrays of Elements: of numbers or of vec4, whose Bits are u32 or vec4u.
const RELU: u32 = 0;
// #include "lib/relu.wgsl": rectified_gradient()
fn gradient(i: u32) -> Element {
  if (RELU == 0u) { return dy[i]; }
  return rectified_gradient(y[i], dy[i], RELU);
}
