// For row n of x (N,K): its largest value and log sum over k of exp((x - largest) / temperature). Needs x and p.
// Kept apart and not added, for the sum of a large and a small number would lose the small one.
fn log_sum_exp(n: u32) -> vec2f {
  var largest = x[n * p.K];
  for (var k = 1u; k < p.K; k++) { largest = max(largest, x[n * p.K + k]); }
  var sum = 0.0;
  for (var k = 0u; k < p.K; k++) { sum += exp((x[n * p.K + k] - largest) / p.temperature); }
  return vec2f(largest, log(sum));
}
