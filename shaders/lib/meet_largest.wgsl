// lib/meet_largest    Like meet(), and partial[0] becomes the largest of what the lanes bring; NaN if one of them is.
// #include "lib/meet.wgsl": partial
// #include "lib/nan.wgsl": larger()
fn meet_largest(lane: u32, mine: f32) {
  partial[lane] = mine;
  for (var half = WG / 2u; half > 0u; half /= 2u) {
    workgroupBarrier();
    if (lane < half) { partial[lane] = larger(partial[lane], partial[lane + half]); }
  }
}
