// conv2d/backward_input/5_few_channels
// dx[n,c,ih,iw] = sum over k,r,s of dy[n,k,oh,ow] * w[k,c,r,s]  where oh*stride - pad + r*dilation = ih
// dy (N,K,OH,OW), w (K,C,R,S), dx (N,C,H,W) with C at most 4: the gradient of an image, in front of the first layer.
// The pixels of dx fall into stride x stride phases by ih % stride and iw % stride; a phase is a value of the
// workgroup's z. A lane owns all channels of 4 pixels of one phase, WG apart in the row of all pixels of that phase.
// Over rung 3: of its 16 channels 13 would be computed in vain. Here the eight lanes that load weights together load
// those of 4 channels for two k at once. Right for subgroups of 8 lanes and more.
enable subgroups;
const WG: u32 = 32;
const CHANNELS: u32 = 4;
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
  let octet_c = min(sub % CHANNELS, p.C - 1u); // which channel and which of two k this lane loads a weight of
  let octet_k = sub % 8u / CHANNELS;
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
      for (var k = 0u; k < p.K; k += 2u) {
        let weight = w[((min(k + octet_k, p.K - 1u) * p.C + octet_c) * p.R + r) * p.S + s];
        let v = select(vec4f(), vec4f(dy[at.x], dy[at.y], dy[at.z], dy[at.w]), inside);
        at += p.OH * p.OW;
        let second = inside & vec4<bool>(k + 1u < p.K);
        let u = select(vec4f(), vec4f(dy[at.x], dy[at.y], dy[at.z], dy[at.w]), second);
        at += p.OH * p.OW;
        for (var i = 0u; i < CHANNELS; i++) {
          sum[i] += subgroupShuffle(weight, i) * v + subgroupShuffle(weight, i + CHANNELS) * u;
        }
      }
    }
  }

  // One store in a loop of unknown length stands for four: stores are what makes this kernel slow to compile on a CPU.
  let end = min(first + PIXELS * WG, pixels);
  for (var i = first; i < end; i += WG) {
    let ih = i / columns % rows * stride + phase_h;
    let iw = i % columns * stride + phase_w;
    let out = ((i / (rows * columns) * p.C) * p.H + ih) * p.W + iw;
    for (var c = 0u; c < CHANNELS; c++) {
      if (c < p.C) { dx[out + c * p.H * p.W] = sum[c][(i - first) / WG]; }
    }
  }
}
