// softmax/backward/2_workgroup
// dx = scale * y * (dy - sum over a of dy * y)        LOG 1:  dx = scale * (dy - exp(y) * sum over a of dy)
// y, dy, dx (outer, axis, inner), y the forward result.   One workgroup a row: WG lanes share both walks along the axis
// and meet in workgroup memory.
// Over rung 1, on long rows: there one lane walks a row, while the rest of the machine may have nothing to do.
const WG: u32 = 64;
alias Partial = f32;
// #include "softmax/backward/0_workgroup.wgsl": main(), which calls total_of()
// #include "lib/meet.wgsl": meet(), the sum over all lanes

fn total_of(lane: u32, mine: f32) -> f32 {
  meet(lane, mine);
  workgroupBarrier();
  return partial[0];
}
