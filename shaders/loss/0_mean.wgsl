// loss/0_mean    loss = mean over n of loss_of(n), which the including kernel says; it binds x and the loss.
// One workgroup: its lanes take the rows in turn, and meet in workgroup memory. So a loss is one launch and not two.
const WG: u32 = 64;
// #include "loss/0_shared.wgsl": Params, log_sum_exp(), cost()
alias Partial = f32;
// #include "lib/meet.wgsl": meet(), the sum over all lanes

@compute @workgroup_size(WG)
fn main(@builtin(local_invocation_index) lane: u32) {
  var sum = Sum();
  for (var n = lane; n < p.N; n += WG) { add(&sum, loss_of(n)); }
  meet(lane, sum_of(&sum));
  if (lane == 0u) { loss[0] = partial[0] / f32(p.N); }
}
