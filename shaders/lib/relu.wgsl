// lib/relu    ReLU, ReLU6 and their gradients, for an Element, a number or four of them, whose Bits are u32 or vec4u.
// NaN passes, as in PyTorch: max(NaN, 0) may be 0, so these functions look at the bits (see lib/nan.wgsl). The bits of
// numbers from -0 down to minus infinity are 0x80000000 to 0xff800000, those of NaN lie beyond.
fn relu(v: Element) -> Element {
  let bits = bitcast<Bits>(v);
  return bitcast<Element>(select(bits, Bits(), bits - Bits(0x80000000u) <= Bits(0x7f800000u)));
}

// dy where y = relu(x) is not 0, else 0.
fn relu_gradient(y: Element, dy: Element) -> Element {
  return bitcast<Element>(select(bitcast<Bits>(dy), Bits(), bitcast<Bits>(y) == Bits()));
}

const SIX: u32 = 0x40c00000u; // the bits of 6; those of numbers from there up to infinity end with 0x7f800000
fn relu6(v: Element) -> Element {
  let bits = bitcast<Bits>(relu(v));
  return bitcast<Element>(select(bits, Bits(SIX), bits - Bits(SIX) <= Bits(0x7f800000u - SIX)));
}

// dy where y = relu6(x) is neither 0 nor 6, else 0.
fn relu6_gradient(y: Element, dy: Element) -> Element {
  let bits = bitcast<Bits>(relu_gradient(y, dy));
  return bitcast<Element>(select(bits, Bits(), bitcast<Bits>(y) == Bits(SIX)));
}

// As a kernel's switch RELU says: 0 nothing, 1 ReLU, 6 ReLU6.
fn rectified(v: Element, kind: u32) -> Element {
  switch kind {
    case 0u: { return v; }
    case 6u: { return relu6(v); }
    default: { return relu(v); }
  }
}

fn rectified_gradient(y: Element, dy: Element, kind: u32) -> Element {
  switch kind {
    case 0u: { return dy; }
    case 6u: { return relu6_gradient(y, dy); }
    default: { return relu_gradient(y, dy); }
  }
}
