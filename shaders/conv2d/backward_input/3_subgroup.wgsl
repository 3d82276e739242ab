// conv2d/backward_input/3_subgroup
// dx[n,c,ih,iw] = sum over k,r,s of dy[n,k,oh,ow] * w[k,c,r,s]  where oh*stride - pad + r*dilation = ih
// dy (N,K,OH,OW), w (K,C,R,S), dx (N,C,H,W).   The pixels of dx fall into stride x stride phases by ih % stride and iw
// % stride. A phase is a value of the workgroup's z. A lane owns a tile of 16 channels x 4 pixels of one phase, WG
// apart in the row of all pixels of that phase.
// Over rung 2: there all lanes load the same weights. Here eight lanes load those of eight channels together, each its
// own, and hand them round by subgroupShuffle, which moves registers and touches no memory: 64 multiply-adds take 6
// loads instead of 24. Right for subgroups of 8 lanes and more.
enable subgroups;
const WG: u32 = 32;
const CHANNELS: u32 = 16;
const PIXELS: u32 = 4; // the width of a vec4
struct Params {
  N: u32, C: u32, H: u32, W: u32, K: u32, R: u32, S: u32, OH: u32, OW: u32, stride: i32, pad: i32, dilation: i32
}
@group(0) @binding(0) var<storage, read> dy: array<f32>;
@group(0) @binding(1) var<storage, read> w: array<f32>;
@group(0) @binding(2) var<storage, read_write> dx: array<f32>;
@group(0) @binding(3) var<uniform> p: Params;

@compute @workgroup_size(WG)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32,
  @builtin(subgroup_invocation_id) sub: u32) {
  let c0 = group.x * CHANNELS;
  let stride = u32(p.stride);
  let phase_h = group.z / stride;
  let phase_w = group.z % stride;
  let rows = (p.H - phase_h + stride - 1u) / stride; // of this phase; none if the image is smaller than the stride
  let columns = (p.W - phase_w + stride - 1u) / stride;
  let pixels = p.N * rows * columns;
  let first = group.y * WG * PIXELS + lane;
  let q = min(first + vec4u(0u, WG, 2u * WG, 3u * WG), vec4u(max(pixels, 1u) - 1u));
  let n = q / max(rows * columns, 1u);
  let row = vec4i(q / max(columns, 1u) % max(rows, 1u));
  let column = vec4i(q % max(columns, 1u));

  var sum: array<vec4f, CHANNELS>;
  for (var r = 0u; r < p.R; r++) {
    let down = i32(phase_h) + p.pad - i32(r) * p.dilation;
    if (down % p.stride != 0) { continue; }
    let oh = vec4u(row + down / p.stride); // negative rows become huge, so one comparison finds both ends
    for (var s = 0u; s < p.S; s++) {
      let right = i32(phase_w) + p.pad - i32(s) * p.dilation;
      if (right % p.stride != 0) { continue; }
      let ow = vec4u(column + right / p.stride);
      let inside = (oh < vec4u(p.OH)) & (ow < vec4u(p.OW));
      var at = select(vec4u(), (n * p.K * p.OH + oh) * p.OW + ow, inside);
      // Past C it reads weights of sums that are never written (WebGPU bounds every access).
      var w_at = ((c0 + sub % 8u) * p.R + r) * p.S + s;
      for (var k = 0u; k < p.K; k++) {
        let v = select(vec4f(), vec4f(dy[at.x], dy[at.y], dy[at.z], dy[at.w]), inside);
        for (var c = 0u; c < CHANNELS; c += 8u) {
          let weight = w[w_at + c * p.R * p.S];
          for (var i = 0u; i < 8u; i++) { sum[c + i] += subgroupShuffle(weight, i) * v; }
        }
        at += p.OH * p.OW;
        w_at += p.C * p.R * p.S;
      }
    }
  }

  // One store in a loop of unknown length stands for four: stores are what makes this kernel slow to compile on a CPU.
  let end = min(first + PIXELS * WG, pixels);
  for (var i = first; i < end; i += WG) {
    let ih = i / columns % rows * stride + phase_h;
    let iw = i % columns * stride + phase_w;
    let out = ((i / (rows * columns) * p.C + c0) * p.H + ih) * p.W + iw;
    for (var c = 0u; c < CHANNELS; c++) {
      if (c0 + c < p.C) { dx[out + c * p.H * p.W] = sum[c][(i - first) / WG]; }
    }
  }
}
