// lib/meet    All lanes of a workgroup bring a value, and partial[0] becomes the sum of them or, with `largest`, the
// largest: the lower half of the lanes adds what the upper half brought, then a quarter does, and so on. Lane 0 may
// read it at once, the others after a barrier. The including kernel says of what type a Partial is.
var<workgroup> partial: array<Partial, WG>;

fn meet(lane: u32, mine: Partial, largest: bool) {
  partial[lane] = mine;
  for (var half = WG / 2u; half > 0u; half /= 2u) {
    workgroupBarrier();
    if (lane < half) {
      let a = partial[lane];
      let b = partial[lane + half];
      partial[lane] = select(a + b, max(a, b), largest);
    }
  }
}
