// batch_norm/statistics/4_one_walk    mean = mean of x[:,c,:],  variance = mean of (x[:,c,:] - mean)^2
// x (N,C,L) with L a multiple of 4.   An octet of lanes walks a channel, a vec4 at a time, and adds up its sums by
// shuffles.
// Over rung 2: no workgroup memory and no barriers, which a CPU pays for dearly; four elements in one load; and x is
// read once, not twice. With any number k near the mean, d = x - k has
//   mean = k + mean of d,   variance = mean of d^2 - (mean of d)^2,
// and only k = 0 loses digits. k is the mean of the channel in the first image. Those L of the N L values alone add
// (k - mean)^2 / N to the variance, so (mean of d)^2 <= N * variance: the subtraction magnifies rounding by at most
// N + 1, and by about 1 where images are alike.
// Right for subgroups of 8 lanes and more.
enable subgroups;
alias Element = vec4f;
alias Term = vec4f;
// #include "batch_norm/statistics/0_shared.wgsl": Params, the bindings, finish() for what is written of a channel
// #include "lib/sum.wgsl": Sum, add_block() and sum_of(): a sum that keeps its digits, however long
// #include "lib/nan.wgsl": larger(), by which NaN stays NaN
// #include "lib/octet.wgsl": main() calls item() for each of the items(); total(), the sum over an octet

fn items() -> u32 { return p.C; }

fn item(c: u32, lane: u32) {
  let length = p.L / 4u;
  var first = Sum();
  for (var from_ = lane; from_ < length; from_ += 16u * LANES) {
    var block = vec4f();
    for (var l = from_; l < min(from_ + 16u * LANES, length); l += LANES) { block += x[c * length + l]; }
    add_block(&first, block);
  }
  let k = total(sum_of(&first)) / f32(p.L);
  var sum = Sum();
  var squares = Sum();
  for (var n = 0u; n < p.N; n++) {
    let base = (n * p.C + c) * length;
    for (var from_ = lane; from_ < length; from_ += 16u * LANES) {
      var block = vec4f();
      var block_squares = vec4f();
      for (var l = from_; l < min(from_ + 16u * LANES, length); l += LANES) {
        let d = x[base + l] - k;
        block += d;
        block_squares += d * d;
      }
      add_block(&sum, block);
      add_block(&squares, block_squares);
    }
  }
  let count = f32(p.N * p.L);
  let m = total(sum_of(&sum)) / count;
  let variance = larger(total(sum_of(&squares)) / count - m * m, 0.0);
  if (owner) { finish(c, k + m, variance); }
}
