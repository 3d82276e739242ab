// depthwise/forward/7_halving_vec2
// y[n,c,oh,ow] = sum over r,s of x[n,c,ih,iw] * w[c,r,s],   ih = oh*stride - pad + r
// x (N,C,H,W), w (C,1,3,3), y (N,C,OH,OW).   3x3 filters of stride 2 without dilation, padding 1 or 0 at the beginning,
// W = 2 OW; W even. A lane owns COLUMNS columns of a strip of rows.
// Over rung 2: as rung 5, for stride 2.
const PER: u32 = 2;
const OUT: u32 = 1;
alias Vector = vec2f;
alias Result = f32;
// #include "depthwise/forward/0_vectors.wgsl": the bindings; epilogue(), what is done to a finished sum
// #include "depthwise/0_rows.wgsl": elements(), element()
// #include "lib/each.wgsl": main() calls element() for each of the elements()

fn vector(i: u32) -> Vector { return x[i]; }
fn part(v: Vector, i: u32) -> f32 { return v[i]; }
fn pixel(i: u32) -> f32 { return x[i / PER][i % PER]; }
fn tap(c: u32, t: u32) -> f32 { return w[c * 9u + t]; }
fn store(i: u32, c: u32, sum: array<f32, 1>) { y[i] = epilogue(sum[0], c, i); }
