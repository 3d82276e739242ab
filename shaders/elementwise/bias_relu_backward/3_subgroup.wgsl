// elementwise/bias_relu_backward/3_subgroup    g = dy where y is not 0, else 0;  db[c] = sum of g[:,c,:]
// y = relu(x + b), y, dy, g (N,C,L) with L a multiple of 4, db (C).   An octet of lanes walks a channel, a vec4 at a
// time, and adds up its sums by shuffles.
// Over rung 2: no workgroup memory and no barriers, which a CPU pays for dearly; four elements in one load.
// Right for subgroups of 8 lanes and more.
enable subgroups;
alias Element = vec4f;
alias Bits = vec4u;
alias Term = vec4f;
// #include "elementwise/bias_relu_backward/0_shared.wgsl": Params, the bindings, gradient() for g
// #include "lib/sum.wgsl": Sum, add_block() and sum_of(): a sum that keeps its digits, however long
// #include "lib/octet.wgsl": main() calls item() for each of the items(); total(), the sum over an octet

fn items() -> u32 { return p.C; }

fn item(c: u32, lane: u32) {
  let length = p.L / 4u;
  var sum = Sum();
  for (var n = 0u; n < p.N; n++) {
    let end = (n * p.C + c + 1u) * length;
    for (var from_ = end - length + lane; from_ < end; from_ += 16u * LANES) {
      var block = vec4f();
      for (var i = from_; i < min(from_ + 16u * LANES, end); i += LANES) { block += gradient(i); }
      add_block(&sum, block);
    }
  }
  db[c] = total(sum_of(&sum));
}
