// conv2d/backward_input/5_few_channels
// dx[n,c,ih,iw] = sum over k,r,s of dy[n,k,oh,ow] * w[k,c,r,s]  where oh*stride - pad + r*dilation = ih
// dy (N,K,OH,OW), w (K,C,R,S), dx (N,C,H,W) with C at most 4: the gradient of an image, in front of the first
// layer.   A lane owns all channels of 4 pixels of one phase of the stride.
// Over rung 3: of its 16 channels 13 would be computed in vain. Here an octet of lanes, which loads weights together,
// loads those of 4 channels for two k at once. Right for subgroups of 8 lanes and more.
enable subgroups;
const WG: u32 = 32;
const CHANNELS: u32 = 4;
// #include "conv2d/backward_input/0_pixels.wgsl": Params, the bindings, phases, where a tile lies, load(), store()

@compute @workgroup_size(WG)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32,
  @builtin(subgroup_invocation_id) sub: u32) {
  let octet_c = min(sub % CHANNELS, p.C - 1u); // which channel and which of two k this lane loads a weight of
  let octet_k = sub % 8u / CHANNELS;
  let first = group.y * WG * PIXELS + lane;
  let phase = phase_of(group.z);
  let q = pixels_from(first, phase);
  var sum: array<vec4f, CHANNELS>;
  for (var r = 0u; r < p.R; r++) {
    let down = shift(phase.h, r);
    if (!reaches(down)) { continue; }
    for (var s = 0u; s < p.S; s++) {
      let across = shift(phase.w, s);
      if (!reaches(across)) { continue; }
      let tap = tap_of(q, down, across);
      var at = tap.at;
      for (var k = 0u; k < p.K; k += 2u) {
        let weight = w[((min(k + octet_k, p.K - 1u) * p.C + octet_c) * p.R + r) * p.S + s];
        let v = load(at, tap.inside);
        at += p.OH * p.OW;
        let u = load(at, tap.inside & vec4<bool>(k + 1u < p.K));
        at += p.OH * p.OW;
        for (var i = 0u; i < CHANNELS; i++) {
          sum[i] += subgroupShuffle(weight, i) * v + subgroupShuffle(weight, i + CHANNELS) * u;
        }
      }
    }
  }
  store(&sum, 0u, first, phase);
}
