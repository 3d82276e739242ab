// batch_norm/0_shared    The gradient that reaches a batch norm's output, behind the ReLU that it may have: g = dy
// (RELU 1:
// where y > 0, else 0). The including kernel binds y and dy, one Element (a number or four) at a place.
const RELU: u32 = 0;
fn gradient(i: u32) -> Element {
  var g = dy[i];
  if (RELU == 1u) { g = select(Element(), g, y[i] > Element()); }
  return g;
}
