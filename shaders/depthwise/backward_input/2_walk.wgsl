// depthwise/backward_input/2_walk
// dx[n,c,ih,iw] = sum over r,s of dy[n,c,oh,ow] * w[c,r,s]  where oh - pad + r = ih
// dy (N,C,OH,OW), w (C,1,3,3), dx (N,C,H,W).   3x3 filters without dilation, stride 1. A lane owns one column of a
// strip of rows.
// Over rung 1: a row of dy is loaded once for a strip, not once for each pixel that it comes from.
// #include "conv2d/0_params.wgsl": Params
// #include "conv2d/backward_input/0_shared.wgsl": the bindings
// #include "depthwise/0_window.wgsl": window(), what three taps see of a row
// #include "depthwise/backward_input/0_walk.wgsl": elements(), element()
// #include "lib/each.wgsl": main() calls element() for each of the elements()

fn pixel(i: u32) -> f32 { return dy[i]; }
