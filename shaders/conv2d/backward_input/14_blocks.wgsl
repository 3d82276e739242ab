// conv2d/backward_input/14_blocks
// dx[n,c,ih,iw] = sum over k,r,s of dy[n,k,oh,ow] * w[k,c,r,s]  where oh + (r - 1)*dilation = ih
// dy (N,K,H,W), w (K,C,3,3), dx (N,C,H,W).   3x3 filters of stride 1 with padding = dilation. A lane owns a tile of 8
// channels x a block of 4x4 pixels.
// Over rung 3, for subgroups of four lanes: what forward/13_blocks does, with the filter turned round.
enable subgroups;
// #include "conv2d/backward_input/0_shared.wgsl": the bindings; put(), which stores into dx
// #include "conv2d/0_block_sums.wgsl": Params, the tile and its sums, which calls source() and finish()

fn source(i: u32) -> f32 { return dy[i]; }
fn finish(sum: f32, c: u32, o: u32) { put(o, sum); }

fn turned_filter_at(i: u32) -> mat3x3f {
  return mat3x3f(w[i + 8u], w[i + 7u], w[i + 6u], w[i + 5u], w[i + 4u], w[i + 3u], w[i + 2u], w[i + 1u], w[i]);
}

@compute @workgroup_size(WG)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32,
  @builtin(subgroup_invocation_id) sub: u32) {
  let c0 = group.x * CHANNELS;
  let number = group.y * WG + lane;
  let all = p.N * blocks_in(p.OH) * blocks_in(p.OW);
  let block = block_of(min(number, all - 1u));
  let columns = columns_of(block);
  var plane = block.n * p.K * p.H * p.W;
  // Past C it reads weights of sums that are never written (WebGPU bounds every access).
  var w_at = (c0 + sub % 4u) * 9u;
  var sums: Sums;
  for (var k = 0u; k < p.K; k++) {
    var seen = window_of(plane, block, columns);
    add_four(0u, &sums, turned_filter_at(w_at), &seen);
    add_four(4u, &sums, turned_filter_at(w_at + 36u), &seen);
    plane += p.H * p.W;
    w_at += 9u * p.C;
  }
  if (number >= all) { return; }
  finish_tile(&sums, c0, p.C, block);
}
