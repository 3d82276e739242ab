// depthwise/backward_weight/6_rows_vec4
// dw[g,c,r,s] = sum over the rows (n,oh) of group g, and ow, of dy[n,c,oh,ow] * x[n,c,ih,iw],
// ih = oh*stride - pad + r*dilation
// x (N,C,H,W), dy (N,C,OH,OW), dw (G,C,1,3,3).   3x3 filters of stride 1, with as much padding as dilation; W a
// multiple of 4. A lane has a channel and a group of rows.
// Over rung 5: half as many loads.
const PER: u32 = 4;
const OUT: u32 = 4;
alias Vector = vec4f;
alias Gradient = vec4f;
// #include "depthwise/backward_weight/0_rows.wgsl": the bindings, main(), elements(), element()

fn vector(i: u32) -> Vector { return x[i]; }
fn part(v: Vector, i: u32) -> f32 { return v[i]; }
fn pixel(i: u32) -> f32 { return x[i / PER][i % PER]; }
fn part_of_gradient(v: Gradient, i: u32) -> f32 { return v[i]; }
