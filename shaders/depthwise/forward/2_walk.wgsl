// depthwise/forward/2_walk
// y[n,c,oh,ow] = sum over r,s of x[n,c,ih,iw] * w[c,r,s],   ih = oh*stride - pad + r
// x (N,C,H,W), w (C,1,3,3), y (N,C,OH,OW).   3x3 filters without dilation, stride 1 or 2. A lane owns one column of a
// strip of rows.
// Over rung 1: a row of x is loaded once for a strip, not once for each output that sees it.
const stride: i32 = 1;
// #include "conv2d/0_params.wgsl": Params
// #include "conv2d/forward/0_shared.wgsl": the bindings; epilogue(), what is done to a finished sum
// #include "depthwise/0_window.wgsl": window(), what three taps see of a row
// #include "depthwise/forward/0_walk.wgsl": elements(), element()
// #include "lib/each.wgsl": main() calls element() for each of the elements()

fn pixel(i: u32) -> f32 { return x[i]; }
fn store(i: u32, c: u32, sum: f32) { y[i] = epilogue(sum, c, i); }
