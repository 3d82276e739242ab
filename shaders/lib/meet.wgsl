// lib/meet    All lanes of a workgroup bring a value, and partial[0] becomes the sum of them: the
// lower half of the lanes adds what the upper half brought, then a quarter does, and so on. Lane 0 may
// read it at once, the others after a barrier. The including kernel says of what type a Partial is.
var<workgroup> partial: array<Partial, WG>;

fn meet(lane: u32, mine: Partial) {
  partial[lane] = mine;
  for (var half = WG / 2u; half > 0u; half /= 2u) {
    workgroupBarrier();
    if (lane < half) { partial[lane] += partial[lane + half]; }
  }
}
