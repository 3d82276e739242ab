// elementwise/relu6    y = min(max(x, 0), 6)
// x, y: the same shape, n elements.   One invocation an element (on a CPU, a strip).
alias Element = f32;
alias Bits = u32;
struct Params { n: u32 }
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@group(0) @binding(2) var<uniform> p: Params;
// #include "lib/relu.wgsl": relu6(), by which NaN stays NaN
// #include "lib/strip.wgsl": main() calls element() for each of the elements()

fn elements() -> u32 { return p.n; }

fn element(i: u32) { y[i] = relu6(x[i]); }
