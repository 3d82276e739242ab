// conv2d/backward_input/14_blocks
// dx[n,c,ih,iw] = sum over k,r,s of dy[n,k,oh,ow] * w[k,c,r,s]  where oh + (r - 1)*dilation = ih
// dy (N,K,H,W), w (K,C,3,3), dx (N,C,H,W).   3x3 filters of stride 1 with padding = dilation. A lane owns a tile of 8
// channels x a block of 4x4 pixels.
// Over rung 3, for subgroups of four lanes: what forward/13_blocks does, with the filter turned round.
enable subgroups;
// #include "conv2d/backward_input/0_shared.wgsl": the bindings; put(), which stores into dx
// #include "conv2d/0_block_sums.wgsl": Params, the tile, main()

fn source(i: u32) -> f32 { return dy[i]; }
fn channels() -> u32 { return p.C; }
fn terms() -> u32 { return p.K; }
fn channel_step() -> u32 { return 9u; }
fn term_step() -> u32 { return 9u * p.C; }
fn finish(sum: f32, c: u32, o: u32) { put(o, sum); }
fn filter_at(i: u32) -> mat3x3f { // turned round
  return mat3x3f(w[i + 8u], w[i + 7u], w[i + 6u], w[i + 5u], w[i + 4u], w[i + 3u], w[i + 2u], w[i + 1u], w[i]);
}
