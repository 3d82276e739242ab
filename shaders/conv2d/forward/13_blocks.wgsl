// conv2d/forward/13_blocks
// y[n,k,oh,ow] = sum over c,r,s of x[n,c,ih,iw] * w[k,c,r,s],   ih = oh*stride + (r - 1)*dilation
// x (N,C,H,W), w (K,C,3,3), y (N,K,OH,OW).   3x3 filters with padding = dilation and stride 1, or with padding 1 and
// stride 2. A lane owns a tile of 8 channels x a block of 4x4 pixels.
// Over rung 3, for subgroups of four lanes: 0_block.wgsl says why. Over quartet, which has the same lanes: a turn of
// the loop takes nine taps, not two, and a pixel that several taps see is loaded once.
enable subgroups;
// #include "conv2d/forward/0_shared.wgsl": the bindings, epilogue()
// #include "conv2d/0_block_sums.wgsl": Params, the tile and its sums, which calls source() and finish()

fn source(i: u32) -> f32 { return x[i]; }
fn finish(sum: f32, k: u32, o: u32) { y[o] = epilogue(sum, k, o); }

fn filter_at(i: u32) -> mat3x3f {
  return mat3x3f(w[i], w[i + 1u], w[i + 2u], w[i + 3u], w[i + 4u], w[i + 5u], w[i + 6u], w[i + 7u], w[i + 8u]);
}

@compute @workgroup_size(WG)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32,
  @builtin(subgroup_invocation_id) sub: u32) {
  let k0 = group.x * CHANNELS;
  let number = group.y * WG + lane;
  let all = p.N * blocks_in(p.OH) * blocks_in(p.OW);
  let block = block_of(min(number, all - 1u));
  let columns = columns_of(block);
  var plane = block.n * p.C * p.H * p.W;
  // Past K it reads weights of sums that are never written (WebGPU bounds every access).
  var w_at = (k0 + sub % 4u) * p.C * 9u;
  var sums: Sums;
  for (var c = 0u; c < p.C; c++) {
    var seen = window_of(plane, block, columns);
    add_four(0u, &sums, filter_at(w_at), &seen);
    add_four(4u, &sums, filter_at(w_at + 36u * p.C), &seen);
    plane += p.H * p.W;
    w_at += 9u;
  }
  if (number >= all) { return; }
  finish_tile(&sums, k0, p.K, block);
}
