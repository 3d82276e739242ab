// conv2d/forward/11_pointwise_octet
// y[n,k,i] = sum over c of x[n,c,i] * w[k,c]
// x (N,C,H,W), w (K,C,1,1), y (N,K,H,W), i a pixel of H*W.   1x1 filters of stride 1; H*W and C multiples of 4. An
// octet of lanes owns CHANNELS channels x 32 pixels: a lane all channels of 4 neighbours.
// Over rung 3: loads and stores of whole vec4s. With few channels they are most of the work.
// Right for subgroups of 8 lanes and more.
enable subgroups;
const CHANNELS: u32 = 16;
alias Vector = vec4f;
alias Weight = vec4f;
alias Result = vec4f;
// #include "conv2d/forward/0_vectors.wgsl": the bindings; epilogue(), what is done to a finished sum
// #include "conv2d/0_pointwise.wgsl": Params, where a lane's pixels lie, add()

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
