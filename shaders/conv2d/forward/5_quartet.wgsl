// conv2d/forward/5_quartet
// y[n,k,oh,ow] = sum over c,r,s of x[n,c,ih,iw] * w[k,c,r,s],   ih = oh*stride - pad + r*dilation
// x (N,C,H,W), w (K,C,R,S), y (N,K,OH,OW).   A lane owns a tile of 16 channels x 4 pixels.
// Rung 3 for subgroups of four lanes, with the sums in matrices (lib/quartet.wgsl), and two input channels a turn of
// the loop: what a turn hands on to the next is all of the tile.
enable subgroups;
const WG: u32 = 32;
const CHANNELS: u32 = 16;
// #include "conv2d/forward/0_pixels.wgsl": Params, the bindings, where a tile lies, load()
// #include "lib/quartet.wgsl": Tile, multiply(), finish_all(), which calls rows(), row_step() and finish()

// This lane's weights of one tap: `step` from one channel to the fourth next.
fn weights_at(at: u32, step: u32) -> vec4f {
  return vec4f(w[at], w[at + step], w[at + 2u * step], w[at + 3u * step]);
}

fn rows() -> u32 { return p.K; }
fn row_step() -> u32 { return p.OH * p.OW; }
fn finish(sum: f32, k: u32, o: u32) { y[o] = epilogue(sum, k, o); }

@compute @workgroup_size(WG)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32,
  @builtin(subgroup_invocation_id) sub: u32) {
  let k0 = group.x * CHANNELS;
  let first = group.y * WG * PIXELS + lane;
  let q = pixels_from(first);
  let filter_size = p.C * p.R * p.S;
  var sum = Tile();
  for (var r = 0u; r < p.R; r++) {
    for (var s = 0u; s < p.S; s++) {
      let tap = tap_of(q, r, s);
      var at = tap.at;
      // Past K it reads weights of sums that are never written (WebGPU bounds every access).
      var w_at = ((k0 + sub % 4u) * p.C * p.R + r) * p.S + s;
      for (var c = 0u; c < p.C; c += 2u) {
        multiply(&sum, weights_at(w_at, 4u * filter_size), load(at, tap.inside));
        let more = c + 1u < p.C;
        let second = select(vec4f(), weights_at(w_at + p.R * p.S, 4u * filter_size), more);
        multiply(&sum, second, load(at + p.H * p.W, tap.inside & vec4<bool>(more)));
        at += 2u * p.H * p.W;
        w_at += 2u * p.R * p.S;
      }
    }
  }
  let pixel = first + vec4u(0u, WG, 2u * WG, 3u * WG);
  let plane = p.OH * p.OW;
  finish_all(sum, k0, pixel / plane * p.K * plane + pixel % plane, pixel < vec4u(pixels()));
}
