// sampler/0_marginal    A marginal of one map, m(0) to m(L-1), in units of its mean.
const NOTHING: f32 = 1e-12; // a map whose largest value is no larger holds nothing: its marginal counts as uniform

// Every value is divided by the largest first: a sum of huge values would be infinite, one of tiny values zero.
fn in_units_of_mean(m: f32, largest: f32, sum: f32, L: u32) -> f32 {
  return select(m / largest * f32(L) / sum, 1.0, largest <= NOTHING);
}
