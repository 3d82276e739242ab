// conv2d/forward/13_blocks
// y[n,k,oh,ow] = sum over c,r,s of x[n,c,ih,iw] * w[k,c,r,s],   ih = oh*stride + (r - 1)*dilation
// x (N,C,H,W), w (K,C,3,3), y (N,K,OH,OW).   3x3 filters with padding = dilation and stride 1, or with padding 1 and
// stride 2. A lane owns a tile of 8 channels x a block of 4x4 pixels.
// Over rung 3, for subgroups of four lanes: 0_block.wgsl says why. Over quartet, which has the same lanes: a turn of
// the loop takes nine taps, not two, and a pixel that several taps see is loaded once.
enable subgroups;
// #include "conv2d/forward/0_shared.wgsl": the bindings, epilogue()
// #include "conv2d/0_block_sums.wgsl": Params, the tile, main()

fn source(i: u32) -> f32 { return x[i]; }
fn channels() -> u32 { return p.K; }
fn terms() -> u32 { return p.C; }
fn channel_step() -> u32 { return 9u * p.C; }
fn term_step() -> u32 { return 9u; }
fn finish(sum: f32, k: u32, o: u32) { y[o] = epilogue(sum, k, o); }
fn filter_at(i: u32) -> mat3x3f {
  return mat3x3f(w[i], w[i + 1u], w[i + 2u], w[i + 3u], w[i + 4u], w[i + 5u], w[i + 6u], w[i + 7u], w[i + 8u]);
}
