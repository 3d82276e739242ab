// depthwise/backward_input/3_vec4
// dx[n,c,ih,iw] = sum over r,s of dy[n,c,oh,ow] * w[c,r,s]  where oh - 1 + r = ih
// dy (N,C,OH,OW), w (C,1,3,3), dx (N,C,H,W).   3x3 filters without dilation, stride 1, padding 1, W a multiple of 4. A
// lane owns four columns of a strip of rows.
// Over rung 2: a vec4 holds what three taps see of four pixels but for one number on each side.
alias Vector = vec4f;
alias Element = vec4f;
// #include "depthwise/backward_input/0_vectors.wgsl": the bindings; put(), which stores into dx
// #include "depthwise/0_window_vec4.wgsl": window(), what three taps see of a row
// #include "depthwise/backward_input/0_walk.wgsl": elements(), element()
// #include "lib/each.wgsl": main() calls element() for each of the elements()

fn pixel(i: u32) -> vec4f { return dy[i]; }
