// depthwise/forward/8_halving_vec4
// y[n,c,oh,ow] = sum over r,s of x[n,c,ih,iw] * w[c,r,s],   ih = oh*stride - pad + r
// x (N,C,H,W), w (C,1,3,3), y (N,C,OH,OW).   3x3 filters of stride 2 without dilation, padding 1 or 0 at the beginning,
// W = 2 OW; W a multiple of 4. A lane owns COLUMNS columns of a strip of rows.
// Over rung 7: half as many loads and stores.
const PER: u32 = 4;
const OUT: u32 = 2;
alias Vector = vec4f;
alias Result = vec2f;
// #include "depthwise/forward/0_vectors.wgsl": the bindings; epilogue(), what is done to a finished sum
// #include "depthwise/0_rows.wgsl": elements(), element()
// #include "lib/each.wgsl": main() calls element() for each of the elements()

fn vector(i: u32) -> Vector { return x[i]; }
fn part(v: Vector, i: u32) -> f32 { return v[i]; }
fn pixel(i: u32) -> f32 { return x[i / PER][i % PER]; }
fn tap(c: u32, t: u32) -> f32 { return w[c * 9u + t]; }
fn store(i: u32, c: u32, sum: array<f32, 2>) {
  y[i] = vec2f(epilogue(sum[0], c, 2u * i), epilogue(sum[1], c, 2u * i + 1u));
}
