// depthwise/backward_weight/2_octet
// dw[g,c,r,s] = sum over the rows (n,oh) of group g, and ow, of dy[n,c,oh,ow] * x[n,c,ih,iw],   ih = oh*stride - pad +
// r
// x (N,C,H,W), dy (N,C,OH,OW), dw (G,C,1,3,3).   3x3 filters without dilation, stride 1 or 2. An octet of lanes has a
// channel and a group of rows.
// Over rung 1: nine sums share their loads, and eight lanes share a sum.
// Right for subgroups of 8 lanes and more.
enable subgroups;
const stride: i32 = 1;
// #include "conv2d/backward_weight/0_shared.wgsl": Params, the bindings, rows_of() a group
// #include "depthwise/0_window.wgsl": window(), what three taps see of a row
// #include "depthwise/backward_weight/0_octet.wgsl": main(), items(), item()

fn pixel(i: u32) -> f32 { return x[i]; }
fn gradient(i: u32) -> f32 { return dy[i]; }
fn four(v: f32) -> vec4f { return vec4f(v, 0.0, 0.0, 0.0); }
