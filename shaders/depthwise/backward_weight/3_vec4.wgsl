// depthwise/backward_weight/3_vec4
// dw[g,c,r,s] = sum over the rows (n,oh) of group g, and ow, of dy[n,c,oh,ow] * x[n,c,ih,iw],   ih = oh*stride - pad +
// r
// x (N,C,H,W), dy (N,C,OH,OW), dw (G,C,1,3,3).   3x3 filters without dilation; W and OW multiples of 4; stride 1 with
// padding 1, or stride 2 with padding 1 or 0 at the beginning and W = 2 OW.
// Over rung 2: four products for each load.
// Right for subgroups of 8 lanes and more.
enable subgroups;
const stride: i32 = 1;
alias Vector = vec4f;
alias Gradient = vec4f;
alias Result = f32;
// #include "conv2d/backward_weight/0_vectors.wgsl": Params, the bindings, rows_of() a group
// #include "depthwise/0_window_vec4.wgsl": window(), what three taps see of a row
// #include "depthwise/backward_weight/0_octet.wgsl": main(), items(), item()

fn pixel(i: u32) -> vec4f { return x[i]; }
fn gradient(i: u32) -> vec4f { return dy[i]; }
fn four(v: vec4f) -> vec4f { return v; }
