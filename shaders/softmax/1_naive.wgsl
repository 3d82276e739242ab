// softmax/1_naive
// y[o,a,i] = exp(z[o,a,i] - m) / sum over a of exp(z[o,a,i] - m),  m = max over a        (LOG 1: its logarithm)
// z = scale * x;  x, y (outer, axis, inner).   One invocation a row: three walks along the axis (largest, sum, result).
// #include "softmax/0_shared.wgsl": Params, the bindings, base_of() a row, store() for the formula
// #include "lib/each.wgsl": main() calls element() for each of the elements()

fn elements() -> u32 { return p.outer * p.inner; }

fn element(row: u32) {
  let base = base_of(row);
  // Without taking the largest away, exp() would overflow at 89.
  var largest = value(base);
  for (var a = 1u; a < p.axis; a++) { largest = max(largest, value(base + a * p.inner)); }
  var sum = Sum();
  for (var a = 0u; a < p.axis; a++) { add(&sum, exp_of(value(base + a * p.inner) - largest)); }
  for (var a = 0u; a < p.axis; a++) { store(base + a * p.inner, largest, sum_of(&sum)); }
}
