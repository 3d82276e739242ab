// conv2d/forward/2_register
// y[n,k,oh,ow] = sum over c,r,s of x[n,c,ih,iw] * w[k,c,r,s],   ih = oh*stride - pad + r*dilation
// x (N,C,H,W), w (K,C,R,S), y (N,K,OH,OW).   A lane owns a tile of 8 channels x 4 pixels.
// Over rung 1: a loaded x serves 8 channels and a weight serves 4 pixels, so 32 multiply-adds take 12 loads instead of
// 64. Taps are the outer loops, so that what lies in the padding is settled once a tap, not once a product.
const WG: u32 = 32;
const CHANNELS: u32 = 8;
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
      var w_at = (k0 * p.C * p.R + r) * p.S + s;
      for (var c = 0u; c < p.C; c++) {
        let v = load(at, tap.inside);
        for (var i = 0u; i < CHANNELS; i++) { sum[i] += w[w_at + i * filter_size] * v; }
        at += p.H * p.W;
        w_at += p.R * p.S;
      }
    }
  }
  store(&sum, k0, first);
}
