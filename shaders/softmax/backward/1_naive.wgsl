// softmax/backward/1_naive
// dx = scale * y * (dy - sum over a of dy * y)        LOG 1:  dx = scale * (dy - exp(y) * sum over a of dy)
// y, dy, dx (outer, axis, inner), y the forward result.   One invocation a row: two walks along the axis.
// #include "softmax/backward/0_shared.wgsl": Params, the bindings, base_of() a row, term() and store() for the formula
// #include "lib/each.wgsl": main() calls element() for each of the elements()

fn elements() -> u32 { return p.outer * p.inner; }

fn element(row: u32) {
  let base = base_of(row);
  var terms = Sum();
  for (var a = 0u; a < p.axis; a++) { add(&terms, term(base + a * p.inner)); }
  let sum = sum_of(&terms);
  for (var a = 0u; a < p.axis; a++) { store(base + a * p.inner, sum); }
}
