// conv2d/backward_input/4_workgroup
// dx[n,c,ih,iw] = sum over k,r,s of dy[n,k,oh,ow] * w[k,c,r,s]  where oh*stride - pad + r*dilation = ih
// dy (N,K,OH,OW), w (K,C,R,S), dx (N,C,H,W).   For each tap that reaches the workgroup's phase of the stride, a
// matrix product: C rows of weights times the pixels' columns of dy. A workgroup owns a tile of 64 channels x 64 pixels
// of one phase.
// Over rung 3: a weight or dy is loaded from memory once for 64 products. For GPUs, whose workgroup memory is a fast
// memory of its own.
const WG: u32 = 256;
// #include "conv2d/backward_input/0_phase.wgsl": Params, the bindings, phases and taps, load()
// #include "lib/tile.wgsl": left, right and multiply(), a product of 64 x 64 in workgroup memory

@compute @workgroup_size(WG)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let fast = lane % 16u;
  let slow = lane / 16u;
  let phase = phase_of(group.z);
  let c = min(group.x * 64u + 4u * fast + QUAD, vec4u(p.C - 1u)); // past the end: the last again, not written
  let pixel0 = group.y * 64u + 4u * fast;
  let q = pixels_at(pixel0 + QUAD, phase);

  var sum: array<vec4f, 4>;
  for (var r = 0u; r < p.R; r++) {
    let down = shift(phase.h, r);
    if (!reaches(down)) { continue; }
    for (var s = 0u; s < p.S; s++) {
      let across = shift(phase.w, s);
      if (!reaches(across)) { continue; }
      let tap = tap_of(q, down, across);
      for (var k0 = 0u; k0 < p.K; k0 += DEPTH) {
        let k = k0 + slow;
        let w_at = ((min(k, p.K - 1u) * p.C + c) * p.R + r) * p.S + s;
        let weights = vec4f(w[w_at.x], w[w_at.y], w[w_at.z], w[w_at.w]);
        left[slow * PITCH + fast] = Stored(select(vec4f(), weights, k < p.K));
        right[slow * PITCH + fast] = Stored(load(tap.at + k * p.OH * p.OW, tap.inside & vec4<bool>(k < p.K)));
        workgroupBarrier();
        multiply(&sum, lane);
        workgroupBarrier();
      }
    }
  }

  for (var j = 0u; j < 4u; j++) {
    let pixel = pixel0 + j;
    if (pixel < pixels_in(phase)) {
      for (var i = 0u; i < 4u; i++) {
        let channel = group.x * 64u + 4u * slow + i;
        if (channel < p.C) { put(place_of(pixel, channel, phase), sum[i][j]); }
      }
    }
  }
}
