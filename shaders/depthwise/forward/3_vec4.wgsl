// depthwise/forward/3_vec4
// y[n,c,oh,ow] = sum over r,s of x[n,c,ih,iw] * w[c,r,s],   ih = oh*stride - pad + r
// x (N,C,H,W), w (C,1,3,3), y (N,C,OH,OW).   3x3 filters without dilation; W and OW multiples of 4; stride 1 with
// padding 1, or stride 2 with padding 1 or 0 at the beginning and W = 2 OW. A lane owns four columns of a strip of
// rows.
// Over rung 2: a vec4 holds what three taps see of four outputs but for one number on each side.
const stride: i32 = 1;
alias Vector = vec4f;
alias Result = vec4f;
// #include "depthwise/forward/0_vectors.wgsl": the bindings; epilogue(), what is done to a finished sum
// #include "depthwise/0_window_vec4.wgsl": window(), what three taps see of a row
// #include "depthwise/forward/0_walk.wgsl": elements(), element()
// #include "lib/each.wgsl": main() calls element() for each of the elements()

fn pixel(i: u32) -> vec4f { return x[i]; }
fn store(i: u32, c: u32, s: vec4f) {
  y[i] = vec4f(epilogue(s.x, c, 4u * i), epilogue(s.y, c, 4u * i + 1u), epilogue(s.z, c, 4u * i + 2u),
    epilogue(s.w, c, 4u * i + 3u));
}
