// depthwise/backward_input/9_halving_vec4
// dx[n,c,ih,iw] = sum over r,s of dy[n,c,oh,ow] * w[c,r,s]  where 2*oh - pad + r = ih
// dy (N,C,OH,OW), w (C,1,3,3), dx (N,C,H,W).   3x3 filters of stride 2 without dilation, padding 1 or 0 at the
// beginning, H = 2 OH, W = 2 OW; W a multiple of 4. A lane owns COLUMNS columns of a strip of rows.
// Over rung 8: half as many loads and stores.
alias Vector = vec2f;
alias Element = vec4f;
const PER: u32 = 2;
const OUT: u32 = 4;
// #include "depthwise/backward_input/0_vectors.wgsl": the bindings; put(), which stores into dx
// #include "depthwise/backward_input/0_halving.wgsl": elements(), element()
// #include "lib/each.wgsl": main() calls element() for each of the elements()

fn vector(i: u32) -> Vector { return dy[i]; }
fn part(v: Vector, i: u32) -> f32 { return v[i]; }
fn pixel(i: u32) -> f32 { return dy[i / PER][i % PER]; }
fn store(i: u32, sum: array<f32, 4>) { put(i, vec4f(sum[0], sum[1], sum[2], sum[3])); }
