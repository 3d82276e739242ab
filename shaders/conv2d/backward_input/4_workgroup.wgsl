// conv2d/backward_input/4_workgroup
// dx[n,c,ih,iw] = sum over k,r,s of dy[n,k,oh,ow] * w[k,c,r,s]  where oh*stride - pad + r*dilation = ih
// dy (N,K,OH,OW), w (K,C,R,S), dx (N,C,H,W).   The pixels of dx fall into stride x stride phases by ih % stride and iw
// % stride; a phase is a value of the workgroup's z, and the workgroup skips the taps that do not reach it. For each
// tap that does, a matrix product: C rows of weights times the pixels' columns of dy. A workgroup owns a tile of 64
// channels x 64 pixels of one phase (lib/tile.wgsl). Over rung 3: a weight or dy is loaded from memory once for 64
// products. For GPUs, whose workgroup memory is a fast memory of its own.
const WG: u32 = 256;
struct Params {
  N: u32, C: u32, H: u32, W: u32, K: u32, R: u32, S: u32, OH: u32, OW: u32, stride: i32, pad: i32, dilation: i32
}
@group(0) @binding(0) var<storage, read> dy: array<f32>;
@group(0) @binding(1) var<storage, read> w: array<f32>;
@group(0) @binding(2) var<storage, read_write> dx: array<f32>;
@group(0) @binding(3) var<uniform> p: Params;
// #include "lib/tile.wgsl"

@compute @workgroup_size(WG)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let fast = lane % 16u;
  let slow = lane / 16u;
  let stride = u32(p.stride);
  let phase_h = group.z / stride;
  let phase_w = group.z % stride;
  let rows = (p.H - phase_h + stride - 1u) / stride; // of this phase; none if the image is smaller than the stride
  let columns = (p.W - phase_w + stride - 1u) / stride;
  let pixels = p.N * rows * columns;
  let quad = vec4u(0u, 1u, 2u, 3u);
  let c = min(group.x * 64u + 4u * fast + quad, vec4u(p.C - 1u)); // past the end: the last again, not written
  let pixel0 = group.y * 64u + 4u * fast;
  let q = min(pixel0 + quad, vec4u(max(pixels, 1u) - 1u));
  let n = q / max(rows * columns, 1u);
  let row = vec4i(q / max(columns, 1u) % max(rows, 1u));
  let column = vec4i(q % max(columns, 1u));

  var sum: array<vec4f, 4>;
  for (var r = 0u; r < p.R; r++) {
    let down = i32(phase_h) + p.pad - i32(r) * p.dilation;
    if (down % p.stride != 0) { continue; }
    let oh = vec4u(row + down / p.stride); // negative rows become huge, so one comparison finds both ends
    for (var s = 0u; s < p.S; s++) {
      let across = i32(phase_w) + p.pad - i32(s) * p.dilation;
      if (across % p.stride != 0) { continue; }
      let ow = vec4u(column + across / p.stride);
      let there = (oh < vec4u(p.OH)) & (ow < vec4u(p.OW));
      for (var k0 = 0u; k0 < p.K; k0 += DEPTH) {
        let k = k0 + slow;
        let inside = there & vec4<bool>(k < p.K);
        let w_at = ((min(k, p.K - 1u) * p.C + c) * p.R + r) * p.S + s;
        left[slow * PITCH + fast] = Stored(select(vec4f(), vec4f(w[w_at.x], w[w_at.y], w[w_at.z], w[w_at.w]), k < p.K));
        let at = select(vec4u(), ((n * p.K + k) * p.OH + oh) * p.OW + ow, inside);
        right[slow * PITCH + fast] = Stored(select(vec4f(), vec4f(dy[at.x], dy[at.y], dy[at.z], dy[at.w]), inside));
        workgroupBarrier();
        multiply(&sum, lane);
        workgroupBarrier();
      }
    }
  }

  for (var j = 0u; j < 4u; j++) {
    let pixel = pixel0 + j;
    if (pixel < pixels) {
      let ih = pixel / columns % rows * stride + phase_h;
      let iw = pixel % columns * stride + phase_w;
      for (var i = 0u; i < 4u; i++) {
        let channel = group.x * 64u + 4u * slow + i;
        if (channel < p.C) { dx[((pixel / (rows * columns) * p.C + channel) * p.H + ih) * p.W + iw] = sum[i][j]; }
      }
    }
  }
}
