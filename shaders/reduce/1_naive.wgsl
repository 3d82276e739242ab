// reduce/1_naive    y[o,i] = scale * sum over a of x[o,a,i]        (OP 0: sum, 1: max)
// x (outer, axis, inner), y (outer, inner).   One invocation an output: it walks the axis alone.
// #include "reduce/0_shared.wgsl": Params, the bindings, base_of() a row, both() and scaled() for OP
// #include "lib/each.wgsl": main() calls element() for each of the elements()

fn elements() -> u32 { return p.outer * p.inner; }

fn element(o: u32) {
  let base = base_of(o);
  var result = select(0.0, x[base], OP == 1u);
  for (var a = 0u; a < p.axis; a++) { result = both(result, x[base + a * p.inner]); }
  y[o] = scaled(result);
}
