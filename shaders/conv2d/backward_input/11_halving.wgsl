// conv2d/backward_input/11_halving
// dx[n,c,ih,iw] = sum over k,r,s of dy[n,k,oh,ow] * w[k,c,r,s]  where 2*oh - 1 + r = ih
// dy (N,K,OH,OW), w (K,C,3,3), dx (N,C,H,W).   3x3 filters of stride 2 and padding 1; W is twice OW, which is 4, 8, 16
// or 32. An octet of lanes owns 16 channels x 64 pixels of even rows of dx, or of odd ones: a lane all channels of 8
// neighbours of a row. Those meet a vec4 of dy and the pixel after it: even columns by the middle tap, odd columns by
// the two others.
// Over rung 3: what forward/8_rows does. Right for subgroups of 8 lanes and more.
enable subgroups;
const CHANNELS: u32 = 16;
alias Element = vec4f;
alias Vector = vec4f;
alias Weight = f32;
// #include "conv2d/backward_input/0_vectors.wgsl": the bindings; put(), which stores into dx
// #include "lib/rolled.wgsl": after(), the next number of a loop that is not to be unrolled
// #include "conv2d/0_rows.wgsl": Params, where a lane's pixels lie, its neighbours

alias Sums = array<array<vec4f, 2>, CHANNELS>; // even columns, odd columns

fn add_both(first: u32, sum: ptr<function, Sums>, weights: vec3f, now: vec4f, next: vec4f) {
  for (var i = 0u; i < 8u; i++) {
    let w = subgroupShuffle(weights, i);
    (*sum)[first + i][0] += w.y * now;
    (*sum)[first + i][1] += w.x * next + w.z * now;
  }
}

@compute @workgroup_size(WG)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let c0 = group.x * CHANNELS;
  let odd = group.z;
  let width = p.OW / 4u;
  let at = place_of(group.y * WG + lane, (p.H + 1u - odd) / 2u, width);
  var sum: Sums;
  // An even row meets the middle row of taps, an odd one the first, in the next row of dy, and the last.
  for (var r = 1u - odd; r < 3u; r += 2u) {
    let oh = at.row + select(0u, 1u, r == 0u);
    let inside = oh < p.OH;
    var dy_at = (at.n * p.K * p.OH + select(0u, oh, inside)) * width + at.column;
    // Past C it reads weights of sums that are never written (WebGPU bounds every access).
    var w_at = (c0 + lane) * 9u + r * 3u;
    for (var k = 0u; k < p.K; k++) {
      let now = select(vec4f(), dy[dy_at], inside);
      let next = vec4f(now.yzw, of_right(now, at, lane).x);
      for (var c = 0u; c < CHANNELS; c += 8u) {
        let i = w_at + c * 9u;
        add_both(c, &sum, vec3f(w[i], w[i + 1u], w[i + 2u]), now, next);
      }
      dy_at += p.OH * width;
      w_at += p.C * 9u;
    }
  }
  if (!at.there) { return; }
  var done = sum;
  for (var c = 0u; c < min(CHANNELS, p.C - c0); c = after(c)) {
    let o = (((at.n * p.C + c0 + c) * p.H + 2u * at.row + odd) * width + at.column) * 2u;
    let a = done[c][0];
    let b = done[c][1];
    put(o, vec4f(a.x, b.x, a.y, b.y));
    put(o + 1u, vec4f(a.z, b.z, a.w, b.w));
  }
}
