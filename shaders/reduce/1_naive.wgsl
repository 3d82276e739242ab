// reduce/1_naive    y[o,i] = scale * sum over a of x[o,a,i]        (OP 0: sum, 1: max)
// x (outer, axis, inner), y (outer, inner).
// One invocation an output: it walks the axis alone.
const OP: u32 = 0;
struct Params { outer: u32, axis: u32, inner: u32, scale: f32 }
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@group(0) @binding(2) var<uniform> p: Params;
// #include "lib/each.wgsl": main() calls element() for each of the elements()

fn elements() -> u32 { return p.outer * p.inner; }

fn element(o: u32) {
  let base = (o / p.inner) * p.axis * p.inner + o % p.inner;
  var best = x[base];
  var sum = 0.0;
  for (var a = 0u; a < p.axis; a++) {
    let v = x[base + a * p.inner];
    best = max(best, v);
    sum += v;
  }
  y[o] = select(p.scale * sum, best, OP == 1u);
}
