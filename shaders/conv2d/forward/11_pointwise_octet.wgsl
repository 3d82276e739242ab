// conv2d/forward/11_pointwise_octet
// y[n,k,i] = sum over c of x[n,c,i] * w[k,c]
// x (N,C,H,W), w (K,C,1,1), y (N,K,H,W), i a pixel of H*W.   1x1 filters of stride 1; H*W and C multiples of 4. An octet
// of lanes owns CHANNELS channels x 32 pixels: a lane all channels of 4 neighbours.
// Over rung 3: loads and stores of whole vec4s. With few channels they are most of the work.
// Right for subgroups of 8 lanes and more.
enable subgroups;
const CHANNELS: u32 = 16;
@group(0) @binding(0) var<storage, read> x: array<vec4f>;
@group(0) @binding(1) var<storage, read> w: array<vec4f>;
@group(0) @binding(2) var<storage, read> mean: array<f32>;
@group(0) @binding(3) var<storage, read> variance: array<f32>;
@group(0) @binding(4) var<storage, read> gamma: array<f32>;
@group(0) @binding(5) var<storage, read> beta: array<f32>;
@group(0) @binding(6) var<storage, read> residual: array<f32>;
@group(0) @binding(7) var<storage, read_write> y: array<vec4f>;
@group(0) @binding(8) var<uniform> p: Params;
// #include "lib/rolled.wgsl": after(), the next number of a loop that is not to be unrolled
// #include "conv2d/0_pointwise.wgsl": Params, where a lane's pixels lie, add()
// #include "lib/conv_epilogue.wgsl": epilogue(), for bias or batch norm, shortcut and ReLU

@compute @workgroup_size(WG)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let k0 = group.x * CHANNELS;
  let place = place_of(group.y * WG + lane);
  let plane = vectors();
  var x_at = place.n * p.C * plane + place.at;
  // Past K it reads weights of sums that are never written (WebGPU bounds every access).
  var w_at = (k0 + lane) * (p.C / 4u);
  var sum: array<vec4f, CHANNELS>;
  for (var c = 0u; c < p.C; c += 4u) {
    let terms = array<vec4f, 4>(x[x_at], x[x_at + plane], x[x_at + 2u * plane], x[x_at + 3u * plane]);
    for (var k = 0u; k < CHANNELS; k += 8u) { add(k, &sum, w[w_at + k * (p.C / 4u)], terms); }
    x_at += 4u * plane;
    w_at++;
  }
  if (!place.there) { return; }
  var done = sum;
  for (var k = 0u; k < min(CHANNELS, p.K - k0); k = after(k)) {
    let o = (place.n * p.K + k0 + k) * plane + place.at;
    let s = done[k];
    y[o] = vec4f(epilogue(s.x, k0 + k, 4u * o), epilogue(s.y, k0 + k, 4u * o + 1u),
      epilogue(s.z, k0 + k, 4u * o + 2u), epilogue(s.w, k0 + k, 4u * o + 3u));
  }
}
