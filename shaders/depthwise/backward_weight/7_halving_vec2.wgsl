// depthwise/backward_weight/7_halving_vec2
// dw[g,c,r,s] = sum over the rows (n,oh) of group g, and ow, of dy[n,c,oh,ow] * x[n,c,ih,iw],
// ih = oh*stride - pad + r
// x (N,C,H,W), dy (N,C,OH,OW), dw (G,C,1,3,3).   3x3 filters of stride 2 without dilation, padding 1 or 0 at the
// beginning, W = 2 OW; W even. A lane has a channel and a group of rows.
// Over rung 2: as rung 5, for stride 2.
const PER: u32 = 2;
const OUT: u32 = 1;
alias Vector = vec2f;
alias Gradient = f32;
// #include "depthwise/backward_weight/0_rows.wgsl": the bindings, main(), elements(), element()

fn vector(i: u32) -> Vector { return x[i]; }
fn part(v: Vector, i: u32) -> f32 { return v[i]; }
fn pixel(i: u32) -> f32 { return x[i / PER][i % PER]; }
fn part_of_gradient(v: Gradient, i: u32) -> f32 { return v; }
