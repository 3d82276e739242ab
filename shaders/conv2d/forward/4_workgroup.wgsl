// conv2d/forward/4_workgroup    y[n,k,oh,ow] = sum over c,r,s of x[n,c,ih,iw] * w[k,c,r,s],   ih = oh*stride - pad +
// r*dilation x (N,C,H,W), w (K,C,R,S), y (N,K,OH,OW).   Implicit matrix product: K rows of weights times columns of
// patches, one for each pixel of all images, which are gathered while they are laid into workgroup memory and exist
// nowhere else. A workgroup owns a tile of 64 channels x 64 pixels (lib/tile.wgsl).
// Over rung 3: a weight or pixel is loaded from memory once for 64 products instead of 4 to 32. For GPUs, whose
// workgroup memory is a fast memory of its own. A CPU has none, and barriers cost it dearly.
const WG: u32 = 256;
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
// #include "lib/tile.wgsl"

@compute @workgroup_size(WG)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let fast = lane % 16u;
  let slow = lane / 16u;
  let plane = p.OH * p.OW;
  let pixels = p.N * plane;
  let depth = p.C * p.R * p.S;
  let quad = vec4u(0u, 1u, 2u, 3u);
  // This lane loads four channels' weights of one tap (neighbours: the next tap) and one tap of four pixels
  // (neighbours: the next pixels).
  let w0 = min(group.x * 64u + 4u * slow + quad, vec4u(p.K - 1u)) * depth; // past the end: the last again, not written
  let pixel0 = group.y * 64u + 4u * fast;
  let q = min(pixel0 + quad, vec4u(pixels - 1u));
  let n = q / plane;
  let ih0 = vec4i(q % plane / p.OW) * p.stride - p.pad;
  let iw0 = vec4i(q % p.OW) * p.stride - p.pad;

  var sum: array<vec4f, 4>;
  for (var k0 = 0u; k0 < depth; k0 += DEPTH) {
    let w_at = w0 + min(k0 + fast, depth - 1u);
    left[fast * PITCH + slow] = Stored(select(vec4f(), vec4f(w[w_at.x], w[w_at.y], w[w_at.z], w[w_at.w]), k0 + fast < depth));
    let tap = k0 + slow;
    // Negative rows become huge, so one comparison finds both ends.
    let ih = vec4u(ih0 + i32(tap / p.S % p.R) * p.dilation);
    let iw = vec4u(iw0 + i32(tap % p.S) * p.dilation);
    let inside = (ih < vec4u(p.H)) & (iw < vec4u(p.W)) & vec4<bool>(tap < depth);
    let at = select(vec4u(), ((n * p.C + tap / (p.R * p.S)) * p.H + ih) * p.W + iw, inside);
    right[slow * PITCH + fast] = Stored(select(vec4f(), vec4f(x[at.x], x[at.y], x[at.z], x[at.w]), inside));
    workgroupBarrier();
    multiply(&sum, lane);
    workgroupBarrier();
  }

  for (var j = 0u; j < 4u; j++) {
    let pixel = pixel0 + j;
    for (var i = 0u; i < 4u; i++) {
      let k = group.x * 64u + 4u * slow + i;
      let o = (pixel / plane * p.K + k) * plane + pixel % plane;
      if (k < p.K && pixel < pixels) { y[o] = epilogue(sum[i][j], k, o); }
    }
  }
}
