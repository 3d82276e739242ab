// conv2d/forward/11_pointwise_octet
// y[n,k,i] = sum over c of x[n,c,i] * w[k,c]
// x (N,C,H,W), w (K,C,1,1), y (N,K,H,W), i a pixel of H*W.   1x1 filters of stride 1; H*W and C multiples of 4. An
// octet of lanes owns CHANNELS channels x 32 pixels: a lane all channels of 4 neighbours.
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
  // Unrolled: a sum that a rolled loop finds by its number lies in memory, and costs as much as its store.
  for (var k = 0u; k < CHANNELS; k++) {
    if (place.there && k0 + k < p.K) { store((place.n * p.K + k0 + k) * plane + place.at, k0 + k, sum[k]); }
  }
}

fn store(i: u32, k: u32, s: vec4f) {
  y[i] = vec4f(epilogue(s.x, k, 4u * i), epilogue(s.y, k, 4u * i + 1u), epilogue(s.z, k, 4u * i + 2u),
    epilogue(s.w, k, 4u * i + 3u));
}
