// conv2d/forward/4_workgroup
// y[n,k,oh,ow] = sum over c,r,s of x[n,c,ih,iw] * w[k,c,r,s],   ih = oh*stride - pad + r*dilation
// x (N,C,H,W), w (K,C,R,S), y (N,K,OH,OW).   Implicit matrix product: K rows of weights times columns of
// patches, one for each pixel of all images, which are gathered while they are laid into workgroup memory and exist
// nowhere else. A workgroup owns a tile of 64 channels x 64 pixels.
// Over rung 3: a weight or pixel is loaded from memory once for 64 products instead of 16 and 32. For GPUs, whose
// workgroup memory is a fast memory of its own. A CPU has none, and barriers cost it dearly.
const WG: u32 = 256;
// #include "conv2d/0_params.wgsl": Params
// #include "conv2d/forward/0_shared.wgsl": the bindings; epilogue(), what is done to a finished sum
// #include "lib/tile.wgsl": left, right and multiply(), a product of 64 x 64 in workgroup memory

@compute @workgroup_size(WG)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let fast = lane % 16u;
  let slow = lane / 16u;
  let plane = p.OH * p.OW;
  let pixels = p.N * plane;
  let depth = p.C * p.R * p.S;
  // This lane loads four channels' weights of one tap (neighbours: the next tap) and one tap of four pixels
  // (neighbours: the next pixels).
  let w0 = min(group.x * 64u + 4u * slow + QUAD, vec4u(p.K - 1u)) * depth; // past the end: the last again, not written
  let pixel0 = group.y * 64u + 4u * fast;
  let q = min(pixel0 + QUAD, vec4u(pixels - 1u));
  let n = q / plane;
  let ih0 = vec4i(q % plane / p.OW) * p.stride - p.pad;
  let iw0 = vec4i(q % p.OW) * p.stride - p.pad;

  var sum: array<vec4f, 4>;
  for (var k0 = 0u; k0 < depth; k0 += DEPTH) {
    let w_at = w0 + min(k0 + fast, depth - 1u);
    let weights = vec4f(w[w_at.x], w[w_at.y], w[w_at.z], w[w_at.w]);
    left[fast * PITCH + slow] = Stored(select(vec4f(), weights, k0 + fast < depth));
    let tap = k0 + slow;
    // Negative rows become huge, so one comparison finds both ends.
    let ih = vec4u(ih0 + i32(tap / p.S % p.R) * p.dilation);
    let iw = vec4u(iw0 + i32(tap % p.S) * p.dilation);
    let inside = (ih < vec4u(p.H)) & (iw < vec4u(p.W)) & vec4<bool>(tap < depth);
    let at = select(vec4u(), ((n * p.C + tap / (p.R * p.S)) * p.H + ih) * p.W + iw, inside);
    right[slow * PITCH + fast] = Stored(select(vec4f(), vec4f(x[at.x], x[at.y], x[at.z], x[at.w]), inside));
    workgroupBarrier();
    multiply(&sum, lane);
    workgroupBarrier();
  }

  for (var j = 0u; j < 4u; j++) {
    let pixel = pixel0 + j;
    for (var i = 0u; i < 4u; i++) {
      let k = group.x * 64u + 4u * slow + i;
      let o = (pixel / plane * p.K + k) * plane + pixel % plane;
      if (k < p.K && pixel < pixels) { y[o] = epilogue(sum[i][j], k, o); }
    }
  }
}
