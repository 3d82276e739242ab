// batch_norm/statistics/3_subgroup    mean = mean of x[:,c,:],  variance = mean of (x[:,c,:] - mean)^2
// x (N,C,L) with L a multiple of 4.   An octet of lanes walks a channel, a vec4 at a time, and adds up its sums by
// shuffles.
// Over rung 2: no workgroup memory and no barriers, which a CPU pays for dearly; four elements in one load; and lanes
// are not idle when a row is shorter than 64. A GPU has more lanes than this uses, and is better off with rung 2.
// Right for subgroups of 8 lanes and more.
enable subgroups;
alias Element = vec4f;
alias Term = vec4f;
// #include "batch_norm/statistics/0_shared.wgsl": Params, the bindings, finish() for what is written of a channel
// #include "lib/sum.wgsl": Sum, add_block() and sum_of(): a sum that keeps its digits, however long
// #include "lib/octet.wgsl": main() calls item() for each of the items(); total(), the sum over an octet

fn items() -> u32 { return p.C; }

fn item(c: u32, lane: u32) {
  let count = f32(p.N * p.L);
  let length = p.L / 4u;
  var sum = Sum();
  for (var n = 0u; n < p.N; n++) {
    let base = (n * p.C + c) * length;
    for (var from_ = lane; from_ < length; from_ += 16u * LANES) {
      var block = vec4f();
      for (var l = from_; l < min(from_ + 16u * LANES, length); l += LANES) { block += x[base + l]; }
      add_block(&sum, block);
    }
  }
  let m = total(sum_of(&sum)) / count;
  var squares = Sum();
  for (var n = 0u; n < p.N; n++) {
    let base = (n * p.C + c) * length;
    for (var from_ = lane; from_ < length; from_ += 16u * LANES) {
      var block = vec4f();
      for (var l = from_; l < min(from_ + 16u * LANES, length); l += LANES) {
        let d = x[base + l] - m;
        block += d * d;
      }
      add_block(&squares, block);
    }
  }
  let variance = total(sum_of(&squares)) / count;
  if (owner) { finish(c, m, variance); }
}
