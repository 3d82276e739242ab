// conv2d/backward_input/2_register
// dx[n,c,ih,iw] = sum over k,r,s of dy[n,k,oh,ow] * w[k,c,r,s]  where oh*stride - pad + r*dilation = ih
// dy (N,K,OH,OW), w (K,C,R,S), dx (N,C,H,W).   A lane owns a tile of 8 channels x 4 pixels of one phase of the
// stride.
// Over rung 1: which taps reach a pixel depends on its phase alone, so a whole workgroup skips the taps that do not (3
// in 4 at stride 2) before it loads anything; and 32 multiply-adds take 12 loads instead of 64, for a loaded dy serves
// 8 channels and a weight 4 pixels.
const WG: u32 = 32;
const CHANNELS: u32 = 8;
// #include "conv2d/backward_input/0_pixels.wgsl": Params, the bindings, phases, where a tile lies, load(), store()

@compute @workgroup_size(WG)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
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
      var w_at = (c0 * p.R + r) * p.S + s;
      for (var k = 0u; k < p.K; k++) {
        let v = load(at, tap.inside);
        for (var i = 0u; i < CHANNELS; i++) { sum[i] += w[w_at + i * p.R * p.S] * v; }
        at += p.OH * p.OW;
        w_at += p.C * p.R * p.S;
      }
    }
  }
  store(&sum, c0, first, phase);
}
