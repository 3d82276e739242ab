// depthwise/backward_weight/7_halving_vec2
// dw[g,c,r,s] = sum over the rows (n,oh) of group g, and ow, of dy[n,c,oh,ow] * x[n,c,ih,iw],
// ih = oh*stride - pad + r
// x (N,C,H,W), dy (N,C,OH,OW), dw (G,C,1,3,3).   3x3 filters of stride 2 without dilation, padding 1 or 0 at the
// beginning, W = 2 OW; W even. A lane has a channel and a group of rows.
// Over rung 2: as rung 5, for stride 2.
const PER: u32 = 2;
@group(0) @binding(0) var<storage, read> x: array<vec2f>;
@group(0) @binding(1) var<storage, read> dy: array<f32>;
@group(0) @binding(2) var<storage, read_write> dw: array<f32>;
@group(0) @binding(3) var<uniform> p: Params;
// #include "depthwise/backward_weight/0_rows.wgsl": main(), elements(), element()

fn vector(i: u32) -> vec2f { return x[i]; }
fn part(v: vec2f, i: u32) -> f32 { return v[i]; }
fn pixel(i: u32) -> f32 { return x[i / PER][i % PER]; }

// A row of dy, from a place on.
fn gradients(at: u32) -> Gradients {
  var g: Gradients;
  for (var k = 0u; k < COLUMNS; k++) { g[k] = dy[at + k]; }
  return g;
}
