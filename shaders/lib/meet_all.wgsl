// lib/meet_all    All lanes of a workgroup bring a value, and each gets the sum of them, or the largest; NaN if one of
// them is. The including kernel says that a Partial is a number, and that a workgroup has WG lanes.
// #include "lib/meet.wgsl": meet(), the sum over all lanes
// #include "lib/meet_largest.wgsl": meet_largest()
fn shared_result() -> f32 {
  workgroupBarrier();
  let found = partial[0];
  workgroupBarrier();
  return found;
}

fn total_of(lane: u32, mine: f32) -> f32 {
  meet(lane, mine);
  return shared_result();
}

fn largest_of(lane: u32, mine: f32) -> f32 {
  meet_largest(lane, mine);
  return shared_result();
}
