// depthwise/backward_weight/4_rows
// dw[g,c,r,s] = sum over the rows (n,oh) of group g, and ow, of dy[n,c,oh,ow] * x[n,c,ih,iw],
// ih = oh*stride - pad + r*dilation
// x (N,C,H,W), dy (N,C,OH,OW), dw (G,C,1,3,3).   3x3 filters of stride 1, with as much padding as dilation. A lane has
// a channel and a group of rows.
// Over rung 2: a lane with a whole row loads no pixel twice, and adds up alone.
const PER: u32 = 1;
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> dy: array<f32>;
@group(0) @binding(2) var<storage, read_write> dw: array<f32>;
@group(0) @binding(3) var<uniform> p: Params;
// #include "depthwise/backward_weight/0_rows.wgsl": main(), elements(), element()

fn vector(i: u32) -> f32 { return x[i]; }
fn part(v: f32, i: u32) -> f32 { return v; }
fn pixel(i: u32) -> f32 { return x[i]; }

// A row of dy, from a place on.
fn gradients(at: u32) -> Gradients {
  var g: Gradients;
  for (var k = 0u; k < COLUMNS; k++) { g[k] = dy[at + k]; }
  return g;
}
