// batch/put    y[start + i] = x[i]
// x (n elements), y longer.   One invocation an element of x (on a CPU, a strip). Collects small
// results, so that one read fetches them all.
struct Params { n: u32, start: u32 }
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@group(0) @binding(2) var<uniform> p: Params;
// #include "lib/strip.wgsl": main() calls element() for each of the elements()

fn elements() -> u32 { return p.n; }

fn element(i: u32) { y[p.start + i] = x[i]; }
