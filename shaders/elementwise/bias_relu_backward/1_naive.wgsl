// elementwise/bias_relu_backward/1_naive    g = dy where y is not 0, else 0;  db[c] = sum of g[:,c,:]
// y = relu(x + b), y, dy, g (N,C,L), db (C).   One invocation a channel.
alias Element = f32;
alias Bits = u32;
alias Term = f32;
// #include "elementwise/bias_relu_backward/0_shared.wgsl": Params, the bindings, gradient() for g
// #include "lib/sum.wgsl": Sum, add() and sum_of(): a sum that keeps its digits, however long
// #include "lib/each.wgsl": main() calls element() for each of the elements()

fn elements() -> u32 { return p.C; }

fn element(c: u32) {
  var sum = Sum();
  for (var n = 0u; n < p.N; n++) {
    for (var l = 0u; l < p.L; l++) { add(&sum, gradient((n * p.C + c) * p.L + l)); }
  }
  db[c] = sum_of(&sum);
}
