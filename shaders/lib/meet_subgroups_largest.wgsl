// lib/meet_subgroups_largest    Like meet_subgroups(), and each lane gets the largest of what they bring; NaN if one of
// them is. Numbers are compared as whole numbers in the same order, of which NaN is the last.
// #include "lib/nan.wgsl": is_nan()
var<workgroup> partial_order: array<u32, WG>;

fn order_of(v: f32) -> u32 {
  let bits = bitcast<u32>(v);
  return select(bits ^ select(0x80000000u, 0xffffffffu, bits >= 0x80000000u), 0xffffffffu, is_nan(v));
}

fn number_at(order: u32) -> f32 {
  return nan_if(order == 0xffffffffu, bitcast<f32>(order ^ select(0xffffffffu, 0x80000000u, order >= 0x80000000u)));
}

fn meet_subgroups_largest(lane: u32, mine: f32) -> f32 {
  partial_order[lane] = subgroupMax(order_of(mine));
  workgroupBarrier();
  let lanes = subgroupAdd(1u);
  var largest = 0u;
  for (var i = subgroupExclusiveAdd(1u); i < WG; i += lanes) { largest = max(largest, partial_order[i]); }
  return number_at(subgroupMax(largest));
}
