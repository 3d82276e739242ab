// reduce/1_naive    y[o,i] = scale * sum over a of x[o,a,i]        (OP 0: sum, 1: max)
// x (outer, axis, inner), y (outer, inner).   One invocation an output: it walks the axis alone.
// #include "reduce/0_shared.wgsl": Params, the bindings, base_of() a row, walk() along it, scaled()
// #include "lib/each.wgsl": main() calls element() for each of the elements()

fn elements() -> u32 { return p.outer * p.inner; }

fn element(o: u32) { y[o] = scaled(walk(base_of(o), 0u, 1u)); }
