// reduce/max_backward    dx[o,a,i] = dy[o,i] at the first a where x is the maximum (or NaN, if that is), else 0
// x, dx (outer, axis, inner), y = max over a, dy (outer, inner).   One invocation an output of the forward pass.
struct Params { outer: u32, axis: u32, inner: u32, scale: f32 }
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> y: array<f32>;
@group(0) @binding(2) var<storage, read> dy: array<f32>;
@group(0) @binding(3) var<storage, read_write> dx: array<f32>;
@group(0) @binding(4) var<uniform> p: Params;
// #include "lib/axis.wgsl": base_of() a row
// #include "lib/nan.wgsl": is_nan()
// #include "lib/each.wgsl": main() calls element() for each of the elements()

fn elements() -> u32 { return p.outer * p.inner; }

fn element(o: u32) {
  let base = base_of(o);
  var given = false;
  for (var a = 0u; a < p.axis; a++) {
    let i = base + a * p.inner;
    let mine = !given && select(x[i] == y[o], is_nan(x[i]), is_nan(y[o]));
    dx[i] = select(0.0, dy[o], mine);
    given = given || mine;
  }
}
