// depthwise/forward/6_rows_vec4
// y[n,c,oh,ow] = sum over r,s of x[n,c,ih,iw] * w[c,r,s],   ih = oh*stride - pad + r*dilation
// x (N,C,H,W), w (C,1,3,3), y (N,C,OH,OW).   3x3 filters of stride 1, with as much padding as dilation; W a multiple of
// 4. A lane owns COLUMNS columns of a strip of rows.
// Over rung 5: half as many loads and stores.
const PER: u32 = 4;
const OUT: u32 = 4;
@group(0) @binding(0) var<storage, read> x: array<vec4f>;
@group(0) @binding(1) var<storage, read> w: array<f32>;
@group(0) @binding(2) var<storage, read> mean: array<f32>;
@group(0) @binding(3) var<storage, read> variance: array<f32>;
@group(0) @binding(4) var<storage, read> gamma: array<f32>;
@group(0) @binding(5) var<storage, read> beta: array<f32>;
@group(0) @binding(6) var<storage, read> residual: array<f32>;
@group(0) @binding(7) var<storage, read_write> y: array<vec4f>;
@group(0) @binding(8) var<uniform> p: Params;
// #include "lib/conv.wgsl": Params
// #include "lib/conv_epilogue.wgsl": epilogue(), for bias or batch norm, shortcut and ReLU
// #include "depthwise/0_rows.wgsl": elements(), element()
// #include "lib/each.wgsl": main() calls element() for each of the elements()

fn vector(i: u32) -> vec4f { return x[i]; }
fn part(v: vec4f, i: u32) -> f32 { return v[i]; }
fn pixel(i: u32) -> f32 { return x[i / PER][i % PER]; }
fn tap(c: u32, t: u32) -> f32 { return w[c * 9u + t]; }
fn store(i: u32, c: u32, sum: array<f32, 4>) {
  y[i] = vec4f(epilogue(sum[0], c, 4u * i), epilogue(sum[1], c, 4u * i + 1u),
    epilogue(sum[2], c, 4u * i + 2u), epilogue(sum[3], c, 4u * i + 3u));
}
