// conv2d/forward/8_rows
// y[n,k,oh,ow] = sum over c,r,s of x[n,c,ih,iw] * w[k,c,r,s],   ih = oh*stride + (r - 1)*dilation
// x (N,C,H,W), w (K,C,3,3), y (N,K,OH,OW).   3x3 filters with padding = dilation up to 4 and stride 1, or with padding
// 1 and stride 2; OW is 4, 8, 16 or 32. An octet of lanes owns 16 channels x 32 pixels: a lane all channels of 4
// neighbours of a row.
// Over rung 3: there each tap loads its pixels anew. Here a lane loads a vec4 of x, gets its neighbours' by
// subgroupShuffle, and has what all three taps of a row see. On a CPU a vec4 costs little more than half of four single
// loads, so 192 multiply-adds take the time of 9 loads instead of 18. And a loop's variables are written under a mask
// on a CPU, so a sum that is touched once for three products costs less than one that is touched three times.
// Right for subgroups of 8 lanes and more.
enable subgroups;
const CHANNELS: u32 = 16;
const stride: u32 = 1;
alias Vector = vec4f;
alias Weight = f32;
alias Result = vec4f;
// #include "conv2d/forward/0_vectors.wgsl": the bindings; epilogue(), what is done to a finished sum
// #include "lib/rolled.wgsl": after(), the next number of a loop that is not to be unrolled
// #include "conv2d/0_rows.wgsl": Params, where a lane's pixels lie, its neighbours, add()

@compute @workgroup_size(WG)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let k0 = group.x * CHANNELS;
  let at = place_of(group.y * WG + lane, p.OH, p.OW / 4u);
  let plane = p.H * (p.W / 4u);
  var sum: array<vec4f, CHANNELS>;
  for (var r = 0; r < 3; r++) {
    let ih = u32(i32(at.row * stride) + (r - 1) * p.dilation); // above the image it becomes huge
    let inside = ih < p.H;
    var x_at = at.n * p.C * plane + select(0u, ih, inside) * (p.W / 4u) + stride * at.column;
    // Past K it reads weights of sums that are never written (WebGPU bounds every access).
    var w_at = (k0 + lane) * p.C * 9u + u32(r) * 3u;
    for (var c = 0u; c < p.C; c++) {
      let now = select(vec4f(), x[x_at], inside);
      var seen: Window;
      if (stride == 2u) {
        let next = select(vec4f(), x[x_at + 1u], inside);
        seen = window_of_two(of_left(next, at, lane).w, now, next);
      } else {
        seen = window(of_left(now, at, lane), now, of_right(now, at, lane), p.dilation);
      }
      for (var k = 0u; k < CHANNELS; k += 8u) {
        let i = w_at + k * p.C * 9u;
        add(k, &sum, vec3f(w[i], w[i + 1u], w[i + 2u]), seen);
      }
      x_at += plane;
      w_at += 9u;
    }
  }
  if (!at.there) { return; }
  var done = sum;
  for (var k = 0u; k < min(CHANNELS, p.K - k0); k = after(k)) {
    let o = ((at.n * p.K + k0 + k) * p.OH + at.row) * (p.OW / 4u) + at.column;
    let s = done[k];
    y[o] = vec4f(epilogue(s.x, k0 + k, 4u * o), epilogue(s.y, k0 + k, 4u * o + 1u),
      epilogue(s.z, k0 + k, 4u * o + 2u), epilogue(s.w, k0 + k, 4u * o + 3u));
  }
}
