// elementwise/bias_relu_backward/2_workgroup    g = dy where y is not 0, else 0;  db[c] = sum of g[:,c,:]
// y = relu(x + b), y, dy, g (N,C,L), db (C).   One workgroup a channel: WG lanes share the walk and meet in workgroup
// memory.
// Over rung 1, which has one lane a channel: 64 channels fill 64 workgroups and not one.
const WG: u32 = 64;
alias Element = f32;
alias Bits = u32;
alias Partial = f32;
alias Term = f32;
// #include "elementwise/bias_relu_backward/0_shared.wgsl": Params, the bindings, gradient() for g
// #include "lib/sum.wgsl": Sum, add() and sum_of(): a sum that keeps its digits, however long
// #include "lib/meet.wgsl": meet(), the sum over all lanes

@compute @workgroup_size(WG)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let c = group.x;
  var sum = Sum();
  for (var n = 0u; n < p.N; n++) {
    let base = (n * p.C + c) * p.L;
    for (var l = lane; l < p.L; l += WG) { add(&sum, gradient(base + l)); }
  }
  meet(lane, sum_of(&sum));
  if (lane == 0u) { db[c] = partial[0]; }
}
