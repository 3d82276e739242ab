// depthwise/backward_weight/8_halving_vec4
// dw[g,c,r,s] = sum over the rows (n,oh) of group g, and ow, of dy[n,c,oh,ow] * x[n,c,ih,iw],
// ih = oh*stride - pad + r
// x (N,C,H,W), dy (N,C,OH,OW), dw (G,C,1,3,3).   3x3 filters of stride 2 without dilation, padding 1 or 0 at the
// beginning, W = 2 OW; W a multiple of 4. A lane has a channel and a group of rows.
// Over rung 7: half as many loads.
const PER: u32 = 4;
@group(0) @binding(0) var<storage, read> x: array<vec4f>;
@group(0) @binding(1) var<storage, read> dy: array<vec2f>;
@group(0) @binding(2) var<storage, read_write> dw: array<f32>;
@group(0) @binding(3) var<uniform> p: Params;
// #include "depthwise/backward_weight/0_rows.wgsl": main(), elements(), element()

fn vector(i: u32) -> vec4f { return x[i]; }
fn part(v: vec4f, i: u32) -> f32 { return v[i]; }
fn pixel(i: u32) -> f32 { return x[i / PER][i % PER]; }

// A row of dy, from a place on.
fn gradients(at: u32) -> Gradients {
  var g: Gradients;
  for (var q = 0u; q < COLUMNS / 2u; q++) {
    let v = dy[at / 2u + q];
    for (var i = 0u; i < 2u; i++) { g[q * 2u + i] = v[i]; }
  }
  return g;
}
