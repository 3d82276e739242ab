// conv2d/backward_input/12_wide
// dx[n,c,ih,iw] = sum over k,r,s of dy[n,k,oh,ow] * w[k,c,r,s]  where oh*stride - pad + r*dilation = ih
// dy (N,K,OH,OW), w (K,C,R,S), dx (N,C,H,W), K even.   A lane owns a tile of 32 channels x 4 pixels of one phase of the
// stride.
// Over rung 3: what forward/10_wide does. Right for subgroups of 8 lanes and more.
enable subgroups;
// #include "conv2d/0_wide.wgsl": WG, CHANNELS, add() for two terms of eight channels
// #include "conv2d/backward_input/0_pixels.wgsl": Params, the bindings, phases, where a tile lies, load(), store()

@compute @workgroup_size(WG)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let c0 = group.x * CHANNELS;
  let first = group.y * WG * PIXELS + lane;
  let phase = phase_of(group.z);
  let q = pixels_from(first, phase);
  let filter_step = p.C * p.R * p.S;
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
      var w_at = ((c0 + lane) * p.R + r) * p.S + s;
      for (var k = 0u; k < p.K; k += 2u) {
        let v = load(at, tap.inside);
        let u = load(at + p.OH * p.OW, tap.inside);
        for (var c = 0u; c < CHANNELS; c += 8u) {
          let i = w_at + c * p.R * p.S;
          add(c, &sum, vec2f(w[i], w[i + filter_step]), v, u);
        }
        at += 2u * p.OH * p.OW;
        w_at += 2u * filter_step;
      }
    }
  }
  store(&sum, c0, first, phase);
}
