// elementwise/binary    y = a (+ - * /) b or max(a + b, 0), chosen by OP
// a, b, y: the same shape, n elements.   One invocation an element (on a CPU, a strip).
const OP: u32 = 0;
alias Element = f32;
alias Bits = u32;
struct Params { n: u32 }
@group(0) @binding(0) var<storage, read> a: array<f32>;
@group(0) @binding(1) var<storage, read> b: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;
@group(0) @binding(3) var<uniform> p: Params;
// #include "lib/relu.wgsl": relu(), by which NaN stays NaN
// #include "lib/strip.wgsl": main() calls element() for each of the elements()

fn f(u: f32, v: f32) -> f32 {
  switch OP {
    case 0u: { return u + v; }
    case 1u: { return u - v; }
    case 2u: { return u * v; }
    case 3u: { return u / v; }
    default: { return relu(u + v); }
  }
}

fn elements() -> u32 { return p.n; }

fn element(i: u32) { y[i] = f(a[i], b[i]); }
