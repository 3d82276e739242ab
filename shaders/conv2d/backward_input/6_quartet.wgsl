// conv2d/backward_input/6_quartet
// dx[n,c,ih,iw] = sum over k,r,s of dy[n,k,oh,ow] * w[k,c,r,s]  where oh*stride - pad + r*dilation = ih
// dy (N,K,OH,OW), w (K,C,R,S), dx (N,C,H,W).   A lane owns a tile of 16 channels x 4 pixels of one phase of the
// stride.
// Rung 3 for subgroups of four lanes, with the sums in matrices (lib/quartet.wgsl), and two output channels a turn of
// the loop: what a turn hands on to the next is all of the tile.
enable subgroups;
const WG: u32 = 32;
const CHANNELS: u32 = 16;
// #include "conv2d/backward_input/0_pixels.wgsl": Params, the bindings, phases, where a tile lies, load()
// #include "lib/quartet.wgsl": Tile, multiply(), finish_all(), which calls rows(), row_step() and finish()

// This lane's weights of one tap: `step` from one channel to the fourth next.
fn weights_at(at: u32, step: u32) -> vec4f {
  return vec4f(w[at], w[at + step], w[at + 2u * step], w[at + 3u * step]);
}

fn rows() -> u32 { return p.C; }
fn row_step() -> u32 { return p.H * p.W; }
fn finish(sum: f32, row: u32, o: u32) { put(o, sum); }

@compute @workgroup_size(WG)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32,
  @builtin(subgroup_invocation_id) sub: u32) {
  let c0 = group.x * CHANNELS;
  let first = group.y * WG * PIXELS + lane;
  let phase = phase_of(group.z);
  let q = pixels_from(first, phase);
  let plane = p.OH * p.OW;
  let step = 4u * p.R * p.S;
  var sum = Tile();
  for (var r = 0u; r < p.R; r++) {
    let down = shift(phase.h, r);
    if (!reaches(down)) { continue; }
    for (var s = 0u; s < p.S; s++) {
      let across = shift(phase.w, s);
      if (!reaches(across)) { continue; }
      let tap = tap_of(q, down, across);
      var at = tap.at;
      // Past C it reads weights of sums that are never written (WebGPU bounds every access).
      var w_at = ((c0 + sub % 4u) * p.R + r) * p.S + s;
      for (var k = 0u; k < p.K; k += 2u) {
        multiply(&sum, weights_at(w_at, step), load(at, tap.inside));
        let more = k + 1u < p.K;
        let second = select(vec4f(), weights_at(w_at + p.C * p.R * p.S, step), more);
        multiply(&sum, second, load(at + plane, tap.inside & vec4<bool>(more)));
        at += 2u * plane;
        w_at += 2u * p.C * p.R * p.S;
      }
    }
  }
  let pixel = first + vec4u(0u, WG, 2u * WG, 3u * WG);
  let there = pixel < vec4u(pixels_in(phase));
  let at = vec4u(place_of(pixel.x, 0u, phase), place_of(pixel.y, 0u, phase), place_of(pixel.z, 0u, phase),
    place_of(pixel.w, 0u, phase));
  finish_all(sum, c0, at, there);
}
