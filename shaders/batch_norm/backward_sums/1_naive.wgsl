// batch_norm/backward_sums/1_naive
// dbias[c] = sum of g[:,c,:],  dweight[c] = sum of g[:,c,:] * xhat[:,c,:]
// with xhat = (x - mean) / sqrt(variance + eps) and g = dy (RELU 1: where y > 0, else 0)
// x, y, dy (N,C,L), moments (C,2), coefficients (C,4), the rest (C).   One invocation a channel.
alias Element = f32;
alias Bits = u32;
alias Term = vec2f; // the two sums
// #include "batch_norm/backward_sums/0_shared.wgsl": Params, the bindings, gradient() for g, finish() for what is
// written of a channel
// #include "lib/sum.wgsl": Sum, add() and sum_of(): a sum that keeps its digits, however long
// #include "lib/each.wgsl": main() calls element() for each of the elements()

fn elements() -> u32 { return p.C; }

fn element(c: u32) {
  let m = mean_of(c);
  let rstd = rstd_of(c);
  var sums = Sum();
  for (var n = 0u; n < p.N; n++) {
    for (var l = 0u; l < p.L; l++) {
      let i = (n * p.C + c) * p.L + l;
      let g = gradient(i);
      add(&sums, vec2f(g, g * (x[i] - m) * rstd));
    }
  }
  let both = sum_of(&sums);
  finish(c, both.x, both.y);
}
