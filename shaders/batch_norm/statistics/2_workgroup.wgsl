// batch_norm/statistics/2_workgroup    mean = mean of x[:,c,:],  variance = mean of (x[:,c,:] - mean)^2
// x (N,C,L).   One workgroup a channel: WG lanes share both walks and meet in workgroup memory.
// Over rung 1, which has one lane a channel: 64 channels fill 64 workgroups and not one. With WG 256 each of them keeps
// four times as many loads on their way.
const WG: u32 = 64;
alias Element = f32;
alias Partial = f32;
alias Term = f32;
// #include "batch_norm/statistics/0_shared.wgsl": Params, the bindings, finish() for what is written of a channel
// #include "lib/sum.wgsl": Sum, add() and sum_of(): a sum that keeps its digits, however long
// #include "lib/meet.wgsl": meet(), the sum over all lanes

fn total(lane: u32, mine: f32) -> f32 {
  workgroupBarrier();
  meet(lane, mine);
  workgroupBarrier();
  return partial[0];
}

@compute @workgroup_size(WG)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let c = group.x;
  let count = f32(p.N * p.L);
  var sum = Sum();
  for (var n = 0u; n < p.N; n++) {
    let base = (n * p.C + c) * p.L;
    for (var l = lane; l < p.L; l += WG) { add(&sum, x[base + l]); }
  }
  let m = total(lane, sum_of(&sum)) / count;
  var squares = Sum();
  for (var n = 0u; n < p.N; n++) {
    let base = (n * p.C + c) * p.L;
    for (var l = lane; l < p.L; l += WG) {
      let d = x[base + l] - m;
      add(&squares, d * d);
    }
  }
  let all = total(lane, sum_of(&squares));
  if (lane == 0u) { finish(c, m, all / count); }
}
