// batch_norm/statistics/1_naive    mean = mean of x[:,c,:],  variance = mean of (x[:,c,:] - mean)^2
// x (N,C,L).   One invocation a channel. Two walks: one walk that adds up squares loses the variance when the mean is
// large.
alias Element = f32;
alias Term = f32;
// #include "batch_norm/statistics/0_shared.wgsl": Params, the bindings, finish() for what is written of a channel
// #include "lib/sum.wgsl": Sum, add() and sum_of(): a sum that keeps its digits, however long
// #include "lib/each.wgsl": main() calls element() for each of the elements()

fn elements() -> u32 { return p.C; }

fn element(c: u32) {
  let count = f32(p.N * p.L);
  var sum = Sum();
  for (var n = 0u; n < p.N; n++) {
    for (var l = 0u; l < p.L; l++) { add(&sum, x[(n * p.C + c) * p.L + l]); }
  }
  let m = sum_of(&sum) / count;
  var squares = Sum();
  for (var n = 0u; n < p.N; n++) {
    for (var l = 0u; l < p.L; l++) {
      let d = x[(n * p.C + c) * p.L + l] - m;
      add(&squares, d * d);
    }
  }
  finish(c, m, sum_of(&squares) / count);
}
