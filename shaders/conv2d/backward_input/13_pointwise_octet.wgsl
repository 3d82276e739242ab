// conv2d/backward_input/13_pointwise_octet
// dx[n,c,i] = sum over k of dy[n,k,i] * w[k,c]
// dy (N,K,H,W), w (K,C,1,1), dx (N,C,H,W), i a pixel of H*W.   1x1 filters of stride 1; H*W and K multiples of 4. An
// octet of lanes owns CHANNELS channels x 32 pixels: a lane all channels of 4 neighbours.
// Over rung 3: what forward/11_pointwise_octet does. Right for subgroups of 8 lanes and more.
enable subgroups;
const CHANNELS: u32 = 16;
alias Element = vec4f;
alias Vector = vec4f;
alias Weight = f32;
// #include "conv2d/backward_input/0_vectors.wgsl": the bindings; put(), which stores into dx
// #include "conv2d/0_pointwise.wgsl": Params, where a lane's pixels lie, add()

@compute @workgroup_size(WG)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let c0 = group.x * CHANNELS;
  let place = place_of(group.y * WG + lane);
  let plane = vectors();
  var dy_at = place.n * p.K * plane + place.at;
  // Past C it reads weights of sums that are never written (WebGPU bounds every access).
  var w_at = c0 + lane;
  var sum: array<vec4f, CHANNELS>;
  for (var k = 0u; k < p.K; k += 4u) {
    let terms = array<vec4f, 4>(dy[dy_at], dy[dy_at + plane], dy[dy_at + 2u * plane], dy[dy_at + 3u * plane]);
    for (var c = 0u; c < CHANNELS; c += 8u) {
      let i = w_at + c;
      add(c, &sum, vec4f(w[i], w[i + p.C], w[i + 2u * p.C], w[i + 3u * p.C]), terms);
    }
    dy_at += 4u * plane;
    w_at += 4u * p.C;
  }
  // Unrolled: a sum that a rolled loop finds by its number lies in memory, and costs as much as its store.
  for (var c = 0u; c < CHANNELS; c++) {
    if (place.there && c0 + c < p.C) { put((place.n * p.C + c0 + c) * plane + place.at, sum[c]); }
  }
}
