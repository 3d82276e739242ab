// conv2d/0_block_sums    The tile of a lane in the rungs `blocks` of forward and backward_input: 8 channels x a block.
const WG: u32 = 32;
const CHANNELS: u32 = 8;
// #include "conv2d/0_params.wgsl": Params
// #include "lib/rolled.wgsl": after(), the next number of a loop that is not to be unrolled
// #include "conv2d/0_block.wgsl": Block, block_of(), Window, window_of(), which calls source()

// The sums of a tile. A matrix has a block of one channel: a column for each row of pixels. Only finish_tile() has an
// index that is a variable: it keeps in memory what it indexes.
alias Sums = array<mat4x4f, CHANNELS>;

// Adds the products of nine taps for a block. A filter is a matrix with a column for each of its rows.
fn add(sum: ptr<function, mat4x4f>, w: mat3x3f, seen: ptr<function, Window>) {
  (*sum)[0] += (*seen)[0] * w[0] + (*seen)[1] * w[1] + (*seen)[2] * w[2];
  (*sum)[1] += (*seen)[stride] * w[0] + (*seen)[stride + 1u] * w[1] + (*seen)[stride + 2u] * w[2];
  (*sum)[2] += (*seen)[2u * stride] * w[0] + (*seen)[2u * stride + 1u] * w[1] + (*seen)[2u * stride + 2u] * w[2];
  (*sum)[3] += (*seen)[3u * stride] * w[0] + (*seen)[3u * stride + 1u] * w[1] + (*seen)[3u * stride + 2u] * w[2];
}

// Adds those of four channels: each of four lanes has brought one's filter, and hands it round.
fn add_four(first: u32, sums: ptr<function, Sums>, mine: mat3x3f, seen: ptr<function, Window>) {
  let p = mine[0];
  let q = mine[1];
  let r = mine[2];
  add(&(*sums)[first], mat3x3f(subgroupBroadcast(p, 0u), subgroupBroadcast(q, 0u), subgroupBroadcast(r, 0u)), seen);
  add(&(*sums)[first + 1u], mat3x3f(subgroupBroadcast(p, 1u), subgroupBroadcast(q, 1u), subgroupBroadcast(r, 1u)), seen);
  add(&(*sums)[first + 2u], mat3x3f(subgroupBroadcast(p, 2u), subgroupBroadcast(q, 2u), subgroupBroadcast(r, 2u)), seen);
  add(&(*sums)[first + 3u], mat3x3f(subgroupBroadcast(p, 3u), subgroupBroadcast(q, 3u), subgroupBroadcast(r, 3u)), seen);
}

// Calls the kernel's finish(sum, channel, place) for each pixel of the tile that is there, of `channels` channels.
fn finish_tile(sums: ptr<function, Sums>, first: u32, channels: u32, block: Block) {
  var done = *sums;
  for (var k = 0u; k < min(CHANNELS, channels - first); k = after(k)) {
    for (var i = 0u; i < SIDE * SIDE; i = after(i)) {
      let row = block.row + i / SIDE * u32(p.dilation);
      let column = block.column + i % SIDE * u32(p.dilation);
      if (row >= p.OH || column >= p.OW) { continue; }
      let channel = first + k;
      finish(done[k][i / SIDE][i % SIDE], channel, ((block.n * channels + channel) * p.OH + row) * p.OW + column);
    }
  }
}
