// batch_norm/backward_sums/2_workgroup
// dbias[c] = sum of g[:,c,:],  dweight[c] = sum of g[:,c,:] * xhat[:,c,:]
// with xhat = (x - mean) / sqrt(variance + eps) and g = dy (RELU 1: where y > 0, else 0)
// x, y, dy (N,C,L), moments (C,2), coefficients (C,4), the rest (C).   One workgroup a channel: WG lanes share the
// walk and meet in workgroup memory.
// Over rung 1, which has one lane a channel: 64 channels fill 64 workgroups and not one. With WG 256 each of them keeps
// four times as many loads on their way.
const WG: u32 = 64;
alias Element = f32;
alias Bits = u32;
alias Partial = vec2f; // the two sums
alias Term = vec2f;
// #include "batch_norm/backward_sums/0_shared.wgsl": Params, the bindings, gradient() for g, finish() for what is
// written of a channel
// #include "lib/sum.wgsl": Sum, add() and sum_of(): a sum that keeps its digits, however long
// #include "lib/meet.wgsl": meet(), the sum over all lanes

@compute @workgroup_size(WG)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let c = group.x;
  let m = mean_of(c);
  let rstd = rstd_of(c);
  var sums = Sum();
  for (var n = 0u; n < p.N; n++) {
    let base = (n * p.C + c) * p.L;
    for (var l = lane; l < p.L; l += WG) {
      let g = gradient(base + l);
      add(&sums, vec2f(g, g * (x[base + l] - m) * rstd));
    }
  }
  meet(lane, sum_of(&sums));
  if (lane == 0u) { finish(c, partial[0].x, partial[0].y); }
}
