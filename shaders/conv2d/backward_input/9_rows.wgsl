// conv2d/backward_input/9_rows
// dx[n,c,ih,iw] = sum over k,r,s of dy[n,k,oh,ow] * w[k,c,r,s]  where oh + (r - 1)*dilation = ih
// dy (N,K,H,W), w (K,C,3,3), dx (N,C,H,W).   3x3 filters of stride 1 with padding = dilation up to 4; W is 4, 8, 16 or
// 32. An octet of lanes owns 16 channels x 32 pixels: a lane all channels of 4 neighbours of a row.
// Over rung 3: what forward/8_rows does, with the filter turned round. Right for subgroups of 8 lanes and more.
enable subgroups;
const CHANNELS: u32 = 16;
alias Element = vec4f;
alias Vector = vec4f;
alias Weight = f32;
// #include "conv2d/backward_input/0_vectors.wgsl": the bindings; put(), which stores into dx
// #include "lib/rolled.wgsl": after(), the next number of a loop that is not to be unrolled
// #include "conv2d/0_rows.wgsl": Params, where a lane's pixels lie, its neighbours, add()

@compute @workgroup_size(WG)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let c0 = group.x * CHANNELS;
  let width = p.W / 4u;
  let at = place_of(group.y * WG + lane, p.H, width);
  var sum: array<vec4f, CHANNELS>;
  for (var r = 0; r < 3; r++) {
    let oh = u32(i32(at.row) + (1 - r) * p.dilation); // above the image it becomes huge
    let inside = oh < p.OH;
    var dy_at = (at.n * p.K * p.OH + select(0u, oh, inside)) * width + at.column;
    // Past C it reads weights of sums that are never written (WebGPU bounds every access).
    var w_at = (c0 + lane) * 9u + u32(r) * 3u;
    for (var k = 0u; k < p.K; k++) {
      let now = select(vec4f(), dy[dy_at], inside);
      let seen = window(of_left(now, at, lane), now, of_right(now, at, lane), p.dilation);
      for (var c = 0u; c < CHANNELS; c += 8u) {
        let i = w_at + c * 9u;
        add(c, &sum, vec3f(w[i + 2u], w[i + 1u], w[i]), seen);
      }
      dy_at += p.OH * width;
      w_at += p.C * 9u;
    }
  }
  if (!at.there) { return; }
  var done = sum;
  for (var c = 0u; c < min(CHANNELS, p.C - c0); c = after(c)) {
    put(((at.n * p.C + c0 + c) * p.H + at.row) * width + at.column, done[c]);
  }
}
