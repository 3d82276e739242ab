// elementwise/unary    y = f(x), f chosen by OP; some take numbers a, b
// x, y: the same shape, n elements.   One invocation an element (on a CPU, a strip).
const OP: u32 = 0;
struct Params { n: u32, a: f32, b: f32 }
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@group(0) @binding(2) var<uniform> p: Params;
// #include "lib/exp.wgsl": log_of(), log() also of 0 and below
// #include "lib/nan.wgsl": is_nan()
// #include "lib/strip.wgsl": main() calls element() for each of the elements()

fn f(v: f32) -> f32 {
  if (is_nan(v)) { return v; } // drivers make anything of it: see lib/exp.wgsl
  switch OP {
    case 0u: { return p.a * v + p.b; }
    case 1u: { return exp(v); }
    case 2u: { return log_of(v); }
    case 3u: { return sqrt(v); }
    case 4u: { return v * v; }
    case 5u: { return 1.0 / (1.0 + exp(-v)); }
    // tanh() may be a quotient of exponentials, inf / inf far out; in float32 it is 1 from 9.02 on.
    case 6u: { return tanh(clamp(v, -10.0, 10.0)); }
    case 7u: { return abs(v); }
    // pow() is only defined for a base above zero; below, the power of zero.
    case 8u: { return select(0.0, pow(v, p.a), v > 0.0); }
    default: { return v; }
  }
}

fn elements() -> u32 { return p.n; }

fn element(i: u32) { y[i] = f(x[i]); }
