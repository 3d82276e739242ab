// softmax/2_workgroup
// y[o,a,i] = exp(z[o,a,i] - m) / sum over a of exp(z[o,a,i] - m),  m = max over a        (LOG 1: its logarithm)
// z = scale * x;  x, y (outer, axis, inner).   One workgroup a row: WG lanes share each walk along the axis and meet in
// workgroup memory.
// Over rung 1, on long rows: there one lane walks a row, while the rest of the machine may have nothing to do.
const WG: u32 = 64;
alias Partial = f32;
// #include "softmax/0_workgroup.wgsl": main(), which calls largest_of() and total_of()
// #include "lib/meet.wgsl": meet(), the sum over all lanes
// #include "lib/meet_largest.wgsl": meet_largest()

// What lane 0 has found, in every lane.
fn shared_result() -> f32 {
  workgroupBarrier();
  let found = partial[0];
  workgroupBarrier();
  return found;
}

fn largest_of(lane: u32, mine: f32) -> f32 {
  meet_largest(lane, mine);
  return shared_result();
}

fn total_of(lane: u32, mine: f32) -> f32 {
  meet(lane, mine);
  return shared_result();
}
