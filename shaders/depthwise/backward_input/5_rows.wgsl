// depthwise/backward_input/5_rows
// dx[n,c,ih,iw] = sum over r,s of dy[n,c,oh,ow] * w[c,r,s]  where oh - pad + r*dilation = ih
// dy (N,C,OH,OW), w (C,1,3,3), dx (N,C,H,W).   3x3 filters of stride 1, with as much padding as dilation. A lane owns
// COLUMNS columns of a strip of rows.
// Over rung 2: a lane with a whole row loads no number twice but the two rows that a strip begins with. With
// stride 1 the gradient of x is dy, convolved with the filter turned round.
alias Vector = f32;
alias Element = f32;
const PER: u32 = 1;
const OUT: u32 = 1;
// #include "depthwise/backward_input/0_vectors.wgsl": the bindings; put(), which stores into dx
// #include "depthwise/0_rows.wgsl": elements(), element()
// #include "lib/each.wgsl": main() calls element() for each of the elements()

fn vector(i: u32) -> Vector { return dy[i]; }
fn part(v: Vector, i: u32) -> f32 { return v; }
fn pixel(i: u32) -> f32 { return dy[i]; }
fn tap(c: u32, t: u32) -> f32 { return w[c * 9u + 8u - t]; }
fn store(i: u32, c: u32, sum: array<f32, 1>) { put(i, sum[0]); }
