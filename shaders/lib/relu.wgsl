// lib/relu    ReLU and its gradient, for an Element, a number or four of them, whose Bits are u32 or vec4u. NaN passes,
// as in PyTorch: max(NaN, 0) may be 0, so these functions look at the bits (see lib/nan.wgsl). The bits of numbers from
// -0 down to minus infinity are 0x80000000 to 0xff800000, those of NaN lie beyond.
fn relu(v: Element) -> Element {
  let bits = bitcast<Bits>(v);
  return bitcast<Element>(select(bits, Bits(), bits - Bits(0x80000000u) <= Bits(0x7f800000u)));
}

// dy where y = relu(x) is not 0, else 0.
fn relu_gradient(y: Element, dy: Element) -> Element {
  return bitcast<Element>(select(bitcast<Bits>(dy), Bits(), bitcast<Bits>(y) == Bits()));
}
