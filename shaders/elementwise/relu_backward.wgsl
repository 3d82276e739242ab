// elementwise/relu_backward    dx = dy where y > 0, else 0
// y, dy, dx: the same shape, n elements.   One invocation an element (on a CPU, a strip).
struct Params { n: u32 }
@group(0) @binding(0) var<storage, read> y: array<f32>;
@group(0) @binding(1) var<storage, read> dy: array<f32>;
@group(0) @binding(2) var<storage, read_write> dx: array<f32>;
@group(0) @binding(3) var<uniform> p: Params;
// #include "lib/strip.wgsl": main() calls element() for each of the elements()

fn elements() -> u32 { return p.n; }

fn element(i: u32) { dx[i] = select(0.0, dy[i], y[i] > 0.0); }
