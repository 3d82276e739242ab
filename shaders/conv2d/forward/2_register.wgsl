// conv2d/forward/2_register    y[n,k,oh,ow] = sum over c,r,s of x[n,c,ih,iw] * w[k,c,r,s],   ih = oh*stride - pad +
// r*dilation x (N,C,H,W), w (K,C,R,S), y (N,K,OH,OW).   The pixels of all images form one row, so small maps fill the
// lanes as well as large ones. A lane owns a tile of 8 channels x 4 pixels, its pixels WG apart; neighbours own
// neighbouring pixels. Over rung 1: a loaded x serves 8 channels and a weight serves 4 pixels, so 32 multiply-adds take
// 12 loads instead of 64. Taps are the outer loops, so that what lies in the padding is settled once per tap, not once
// per product. R and S are params: one pipeline serves every filter.
const WG: u32 = 32;
const CHANNELS: u32 = 8;
const PIXELS: u32 = 4; // the width of a vec4
struct Params {
  N: u32, C: u32, H: u32, W: u32, K: u32, R: u32, S: u32, OH: u32, OW: u32, stride: i32, pad: i32, dilation: i32
}
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> w: array<f32>;
@group(0) @binding(2) var<storage, read> mean: array<f32>;
@group(0) @binding(3) var<storage, read> variance: array<f32>;
@group(0) @binding(4) var<storage, read> gamma: array<f32>;
@group(0) @binding(5) var<storage, read> beta: array<f32>;
@group(0) @binding(6) var<storage, read> residual: array<f32>;
@group(0) @binding(7) var<storage, read_write> y: array<f32>;
@group(0) @binding(8) var<uniform> p: Params;
// #include "lib/conv_epilogue.wgsl"

@compute @workgroup_size(WG)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let k0 = group.x * CHANNELS;
  let pixels = p.N * p.OH * p.OW;
  let first = group.y * WG * PIXELS + lane;
  // Past the end: the last pixel again, not written.
  let q = min(first + vec4u(0u, WG, 2u * WG, 3u * WG), vec4u(pixels - 1u));
  let n = q / (p.OH * p.OW);
  let hw = q % (p.OH * p.OW);
  let ih0 = vec4i(hw / p.OW) * p.stride - p.pad;
  let iw0 = vec4i(hw % p.OW) * p.stride - p.pad;

  let filter_size = p.C * p.R * p.S;
  var sum: array<vec4f, CHANNELS>;
  for (var r = 0u; r < p.R; r++) {
    for (var s = 0u; s < p.S; s++) {
      let ih = vec4u(ih0 + i32(r) * p.dilation); // negative rows become huge, so one comparison finds both ends
      let iw = vec4u(iw0 + i32(s) * p.dilation);
      let inside = (ih < vec4u(p.H)) & (iw < vec4u(p.W));
      var at = select(vec4u(), (n * p.C * p.H + ih) * p.W + iw, inside);
      // Past K it reads weights of sums that are never written (WebGPU bounds every access).
      var w_at = (k0 * p.C * p.R + r) * p.S + s;
      for (var c = 0u; c < p.C; c++) {
        let v = select(vec4f(), vec4f(x[at.x], x[at.y], x[at.z], x[at.w]), inside);
        for (var i = 0u; i < CHANNELS; i++) { sum[i] += w[w_at + i * filter_size] * v; }
        at += p.H * p.W;
        w_at += p.R * p.S;
      }
    }
  }

  // One store in a loop of unknown length stands for four: stores are what makes this kernel slow to compile on a CPU.
  let end = min(first + PIXELS * WG, pixels);
  for (var i = first; i < end; i += WG) {
    let out = (i / (p.OH * p.OW) * p.K + k0) * p.OH * p.OW + i % (p.OH * p.OW);
    for (var k = 0u; k < CHANNELS; k++) {
      let o = out + k * p.OH * p.OW;
      if (k0 + k < p.K) { y[o] = epilogue(sum[k][(i - first) / WG], k0 + k, o); }
    }
  }
}
