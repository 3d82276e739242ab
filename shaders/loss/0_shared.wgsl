// loss/0_shared    What the cross entropies of x (N,K) share: z = x[n] / temperature, log sum exp(z), and from them
// log sum exp(z) - z[k], which is -log softmax(z)[k]. The including kernel binds x and p.
struct Params { N: u32, K: u32, temperature: f32 }
alias Term = f32;
// #include "lib/exp.wgsl": exp_of() and log_of(), by which NaN stays NaN
// #include "lib/sum.wgsl": Sum, add() and sum_of(): a sum that keeps its digits, however long

// The largest of a row, and log sum over k of exp((x - largest) / temperature). Kept apart and not added, for the sum
// of a large and a small number would lose the small one. A NaN reaches the sum, if not the largest.
fn log_sum_exp(n: u32) -> vec2f {
  var largest = x[n * p.K];
  for (var k = 1u; k < p.K; k++) { largest = max(largest, x[n * p.K + k]); }
  var sum = Sum();
  for (var k = 0u; k < p.K; k++) { add(&sum, exp_of((x[n * p.K + k] - largest) / p.temperature)); }
  return vec2f(largest, log_of(sum_of(&sum)));
}

// What element i of a row costs if it is the truth: -log of its probability. lse: log_sum_exp() of its row.
fn cost(i: u32, lse: vec2f) -> f32 { return lse.y - (x[i] - lse.x) / p.temperature; }
