// batch_norm/backward_sums/3_subgroup
// dbias[c] = sum of g[:,c,:],  dweight[c] = sum of g[:,c,:] * xhat[:,c,:]
// with xhat = (x - mean) / sqrt(variance + eps) and g = dy (RELU 1: where y > 0, else 0)
// x, y, dy (N,C,L) with L a multiple of 4, moments (C,2), coefficients (C,4), the rest (C).   An octet of lanes walks
// a channel, a vec4 at a time, and adds up its sums by shuffles.
// Over rung 2: no workgroup memory and no barriers, which a CPU pays for dearly; four elements in one load; and lanes
// are not idle when a row is shorter than 64. A GPU has more lanes than this uses, and is better off with rung 2.
// Right for subgroups of 8 lanes and more.
enable subgroups;
alias Element = vec4f;
alias Bits = vec4u;
alias Term = vec4f;
// #include "batch_norm/backward_sums/0_shared.wgsl": Params, the bindings, gradient() for g, finish() for what is
// written of a channel
// #include "lib/sum.wgsl": Sum, add_block() and sum_of(): a sum that keeps its digits, however long
// #include "lib/octet.wgsl": main() calls item() for each of the items(); total(), the sum over an octet

fn items() -> u32 { return p.C; }

fn item(c: u32, lane: u32) {
  let m = mean_of(c);
  let rstd = rstd_of(c);
  let length = p.L / 4u;
  var sum = Sum();
  var sum_xhat = Sum();
  for (var n = 0u; n < p.N; n++) {
    let end = (n * p.C + c + 1u) * length;
    for (var from_ = end - length + lane; from_ < end; from_ += 16u * LANES) {
      var block = vec4f();
      var block_xhat = vec4f();
      for (var i = from_; i < min(from_ + 16u * LANES, end); i += LANES) {
        let g = gradient(i);
        block += g;
        block_xhat += g * ((x[i] - m) * rstd);
      }
      add_block(&sum, block);
      add_block(&sum_xhat, block_xhat);
    }
  }
  finish(c, total(sum_of(&sum)), total(sum_of(&sum_xhat)));
}
