// depthwise/forward/6_rows_vec4
// y[n,c,oh,ow] = sum over r,s of x[n,c,ih,iw] * w[c,r,s],   ih = oh*stride - pad + r*dilation
// x (N,C,H,W), w (C,1,3,3), y (N,C,OH,OW).   3x3 filters of stride 1, with as much padding as dilation; W a multiple of
// 4. A lane owns COLUMNS columns of a strip of rows.
// Over rung 5: half as many loads and stores.
const PER: u32 = 4;
const OUT: u32 = 4;
alias Vector = vec4f;
alias Result = vec4f;
// #include "depthwise/forward/0_vectors.wgsl": the bindings; epilogue(), what is done to a finished sum
// #include "depthwise/0_rows.wgsl": elements(), element()
// #include "lib/each.wgsl": main() calls element() for each of the elements()

fn vector(i: u32) -> Vector { return x[i]; }
fn part(v: Vector, i: u32) -> f32 { return v[i]; }
fn pixel(i: u32) -> f32 { return x[i / PER][i % PER]; }
fn tap(c: u32, t: u32) -> f32 { return w[c * 9u + t]; }
fn store(i: u32, c: u32, sum: array<f32, 4>) {
  y[i] = vec4f(epilogue(sum[0], c, 4u * i), epilogue(sum[1], c, 4u * i + 1u),
    epilogue(sum[2], c, 4u * i + 2u), epilogue(sum[3], c, 4u * i + 3u));
}
