// elementwise/relu6_backward    dx = dy where y = relu6(x) is neither 0 nor 6, else 0: dy where x is NaN, too,
// as in PyTorch
// y, dy, dx: the same shape, n elements.   One invocation an element (on a CPU, a strip).
alias Element = f32;
alias Bits = u32;
struct Params { n: u32 }
@group(0) @binding(0) var<storage, read> y: array<f32>;
@group(0) @binding(1) var<storage, read> dy: array<f32>;
@group(0) @binding(2) var<storage, read_write> dx: array<f32>;
@group(0) @binding(3) var<uniform> p: Params;
// #include "lib/relu.wgsl": relu6_gradient()
// #include "lib/strip.wgsl": main() calls element() for each of the elements()

fn elements() -> u32 { return p.n; }

fn element(i: u32) { dx[i] = relu6_gradient(y[i], dy[i]); }
