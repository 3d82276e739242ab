// elementwise/unary_backward    dx = dy * f'(x), f chosen by OP as in unary.wgsl
// x, y = f(x), dy, dx: the same shape, n elements.   One invocation an element (on a CPU, a strip).
const OP: u32 = 0;
struct Params { n: u32, a: f32, b: f32 }
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> y: array<f32>;
@group(0) @binding(2) var<storage, read> dy: array<f32>;
@group(0) @binding(3) var<storage, read_write> dx: array<f32>;
@group(0) @binding(4) var<uniform> p: Params;
// #include "lib/nan.wgsl": is_nan()
// #include "lib/strip.wgsl": main() calls element() for each of the elements()

// f' in terms of x or of f(x), whichever is shorter.
fn slope(v: f32, fv: f32) -> f32 {
  switch OP {
    case 0u: { return p.a; }
    case 1u: { return fv; }
    case 2u: { return 1.0 / v; }
    case 3u: { return 0.5 / fv; }
    case 4u: { return 2.0 * v; }
    case 5u: { return fv * (1.0 - fv); }
    case 6u: { return 1.0 - fv * fv; }
    case 7u: { return sign(v); }
    case 8u: {
      if (is_nan(v)) { return v; }
      return select(0.0, p.a * pow(v, p.a - 1.0), v > 0.0);
    }
    default: { return 1.0; }
  }
}

fn elements() -> u32 { return p.n; }

fn element(i: u32) { dx[i] = dy[i] * slope(x[i], y[i]); }
