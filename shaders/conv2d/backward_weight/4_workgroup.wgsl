// conv2d/backward_weight/4_workgroup
// dw[g,k,c,r,s] = sum over oh,ow and the images n of group g of dy[n,k,oh,ow] * x[n,c,ih,iw],  ih = oh*stride - pad +
// r*dilation x (N,C,H,W), dy (N,K,OH,OW), dw (G,K,C,R,S), seen as G matrices of K rows and C*R*S columns: for each a
// matrix product over the pixels of its images, whose right side, the patches, is gathered while it is laid into
// workgroup memory. A workgroup owns a tile of 64 channels x 64 columns (lib/tile.wgsl).
// Over rung 3: a dy or x is loaded from memory once for 64 products. For GPUs, whose workgroup memory is a fast memory
// of its own.
const WG: u32 = 256;
struct Params {
  N: u32, C: u32, H: u32, W: u32, K: u32, R: u32, S: u32, OH: u32, OW: u32, stride: i32, pad: i32, dilation: i32,
  G: u32
}
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> dy: array<f32>;
@group(0) @binding(2) var<storage, read_write> dw: array<f32>;
@group(0) @binding(3) var<uniform> p: Params;
// #include "lib/tile.wgsl"

@compute @workgroup_size(WG)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let fast = lane % 16u;
  let slow = lane / 16u;
  let width = p.C * p.R * p.S;
  let plane = p.OH * p.OW;
  let g = group.z;
  let n0 = g * p.N / p.G;
  let pixels = ((g + 1u) * p.N / p.G - n0) * plane;
  let quad = vec4u(0u, 1u, 2u, 3u);
  // This lane loads one pixel (neighbours: the next pixels) of four channels of dy, and of four columns of patches.
  let k = min(group.y * 64u + 4u * slow + quad, vec4u(p.K - 1u)); // past the end: the last again, not written
  let column = min(group.x * 64u + 4u * slow + quad, vec4u(width - 1u));
  let c = column / (p.R * p.S);
  // Where the tap of a column looks, from oh * stride and ow * stride.
  let down = vec4i(column / p.S % p.R) * p.dilation - p.pad;
  let across = vec4i(column % p.S) * p.dilation - p.pad;

  var sum: array<vec4f, 4>;
  for (var first = 0u; first < pixels; first += DEPTH) {
    let real = first + fast < pixels;
    let pixel = min(first + fast, pixels - 1u);
    let n = n0 + pixel / plane;
    let dy_at = (n * p.K + k) * plane + pixel % plane;
    left[fast * PITCH + slow] = Stored(select(vec4f(), vec4f(dy[dy_at.x], dy[dy_at.y], dy[dy_at.z], dy[dy_at.w]), real));
    // Negative rows become huge, so one comparison finds both ends.
    let ih = vec4u(i32(pixel % plane / p.OW) * p.stride + down);
    let iw = vec4u(i32(pixel % p.OW) * p.stride + across);
    let inside = (ih < vec4u(p.H)) & (iw < vec4u(p.W)) & vec4<bool>(real);
    let at = select(vec4u(), ((n * p.C + c) * p.H + ih) * p.W + iw, inside);
    right[fast * PITCH + slow] = Stored(select(vec4f(), vec4f(x[at.x], x[at.y], x[at.z], x[at.w]), inside));
    workgroupBarrier();
    multiply(&sum, lane);
    workgroupBarrier();
  }

  for (var i = 0u; i < 4u; i++) {
    let row = group.y * 64u + 4u * slow + i;
    for (var j = 0u; j < 4u; j++) {
      let at = group.x * 64u + 4u * fast + j;
      if (row < p.K && at < width) { dw[(g * p.K + row) * width + at] = sum[i][j]; }
    }
  }
}
