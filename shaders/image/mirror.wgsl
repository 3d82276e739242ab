// image/mirror    y[r,w] = x[r, W-1-w]: left and right change places
// x, y (rows, W).   One invocation an element.
struct Params { n: u32, W: u32 }
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@group(0) @binding(2) var<uniform> p: Params;
// #include "lib/each.wgsl": main() calls element() for each of the elements()

fn elements() -> u32 { return p.n; }

fn element(i: u32) { y[i] = x[i + p.W - 1u - 2u * (i % p.W)]; }
