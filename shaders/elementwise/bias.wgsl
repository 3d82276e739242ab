// elementwise/bias    y[o,c,i] = x[o,c,i] + b[c]
// x, y (outer, C, inner), b (C): one number for each channel.   One invocation an element (on a CPU, a
// strip).
struct Params { n: u32, C: u32, inner: u32 }
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> b: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;
@group(0) @binding(3) var<uniform> p: Params;
// #include "lib/strip.wgsl": main() calls element() for each of the elements()

fn elements() -> u32 { return p.n; }

fn element(i: u32) { y[i] = x[i] + b[i / p.inner % p.C]; }
