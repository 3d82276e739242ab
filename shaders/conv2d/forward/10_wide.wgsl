// conv2d/forward/10_wide
// y[n,k,oh,ow] = sum over c,r,s of x[n,c,ih,iw] * w[k,c,r,s],   ih = oh*stride - pad + r*dilation
// x (N,C,H,W), w (K,C,R,S), y (N,K,OH,OW), C even.   A lane owns a tile of 32 channels x 4 pixels.
// Over rung 3: tiles of twice as many channels, so that a loaded pixel serves twice as many products, and two channels
// of x at a time: on a CPU a loop's variables are written under a mask, so a sum that is touched once for two products
// costs less than one that is touched twice. Right for subgroups of 8 lanes and more.
enable subgroups;
// #include "conv2d/0_wide.wgsl": WG, CHANNELS, add() for two terms of eight channels
// #include "conv2d/forward/0_pixels.wgsl": Params, the bindings, where a tile lies, load(), store()

@compute @workgroup_size(WG)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let k0 = group.x * CHANNELS;
  let first = group.y * WG * PIXELS + lane;
  let q = pixels_from(first);
  let filter_size = p.C * p.R * p.S;
  var sum: array<vec4f, CHANNELS>;
  for (var r = 0u; r < p.R; r++) {
    for (var s = 0u; s < p.S; s++) {
      let tap = tap_of(q, r, s);
      var at = tap.at;
      // Past K it reads weights of sums that are never written (WebGPU bounds every access).
      var w_at = ((k0 + lane) * p.C * p.R + r) * p.S + s;
      for (var c = 0u; c < p.C; c += 2u) {
        let v = load(at, tap.inside);
        let u = load(at + p.H * p.W, tap.inside);
        for (var k = 0u; k < CHANNELS; k += 8u) {
          let i = w_at + k * filter_size;
          add(k, &sum, vec2f(w[i], w[i + p.R * p.S]), v, u);
        }
        at += 2u * p.H * p.W;
        w_at += 2u * p.R * p.S;
      }
    }
  }
  store(&sum, k0, first);
}
