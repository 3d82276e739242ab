// conv2d/backward_input/3_subgroup
// dx[n,c,ih,iw] = sum over k,r,s of dy[n,k,oh,ow] * w[k,c,r,s]  where oh*stride - pad + r*dilation = ih
// dy (N,K,OH,OW), w (K,C,R,S), dx (N,C,H,W).   A lane owns a tile of 16 channels x 4 pixels of one phase of the
// stride.
// Over rung 2: there all lanes load the same weights. Here an octet of lanes loads the weights of eight channels,
// a lane each, and the subgroup hands them round by subgroupShuffle, which moves registers and touches no memory:
// 64 multiply-adds take 6 loads instead of 24. Right for subgroups of 8 lanes and more.
enable subgroups;
const WG: u32 = 32;
const CHANNELS: u32 = 16;
// #include "conv2d/backward_input/0_pixels.wgsl": Params, the bindings, phases, where a tile lies, load(), store()

@compute @workgroup_size(WG)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32,
  @builtin(subgroup_invocation_id) sub: u32) {
  let c0 = group.x * CHANNELS;
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
      // Past C it reads weights of sums that are never written (WebGPU bounds every access).
      var w_at = ((c0 + sub % 8u) * p.R + r) * p.S + s;
      for (var k = 0u; k < p.K; k++) {
        let v = load(at, tap.inside);
        for (var c = 0u; c < CHANNELS; c += 8u) {
          let weight = w[w_at + c * p.R * p.S];
          for (var i = 0u; i < 8u; i++) { sum[c + i] += subgroupShuffle(weight, i) * v; }
        }
        at += p.OH * p.OW;
        w_at += p.C * p.R * p.S;
      }
    }
  }
  store(&sum, c0, first, phase);
}
