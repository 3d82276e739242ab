// conv2d/0_block_sums    The tile of a lane in the rungs `blocks` of forward and backward_input: 8 channels x a block.
const WG: u32 = 32;
const CHANNELS: u32 = 8;
// #include "conv2d/0_params.wgsl": Params
// #include "conv2d/0_block.wgsl": Block, block_of(), Window, window_of(), which calls source()

// The sums of four channels. A matrix has a block: a column for each row of pixels. They are no array: an index that
// is a variable would keep them in memory.
struct Sums { a: mat4x4f, b: mat4x4f, c: mat4x4f, d: mat4x4f }

// Adds the products of nine taps for a block. A filter is a matrix with a column for each of its rows.
fn add(sum: ptr<function, mat4x4f>, w: mat3x3f, seen: ptr<function, Window>) {
  (*sum)[0] += (*seen)[0] * w[0] + (*seen)[1] * w[1] + (*seen)[2] * w[2];
  (*sum)[1] += (*seen)[stride] * w[0] + (*seen)[stride + 1u] * w[1] + (*seen)[stride + 2u] * w[2];
  (*sum)[2] += (*seen)[2u * stride] * w[0] + (*seen)[2u * stride + 1u] * w[1] + (*seen)[2u * stride + 2u] * w[2];
  (*sum)[3] += (*seen)[3u * stride] * w[0] + (*seen)[3u * stride + 1u] * w[1] + (*seen)[3u * stride + 2u] * w[2];
}

// Adds those of four channels: each of four lanes has brought one's filter, and hands it round.
fn add_four(sums: ptr<function, Sums>, mine: mat3x3f, seen: ptr<function, Window>) {
  let p = mine[0];
  let q = mine[1];
  let r = mine[2];
  add(&(*sums).a, mat3x3f(subgroupBroadcast(p, 0u), subgroupBroadcast(q, 0u), subgroupBroadcast(r, 0u)), seen);
  add(&(*sums).b, mat3x3f(subgroupBroadcast(p, 1u), subgroupBroadcast(q, 1u), subgroupBroadcast(r, 1u)), seen);
  add(&(*sums).c, mat3x3f(subgroupBroadcast(p, 2u), subgroupBroadcast(q, 2u), subgroupBroadcast(r, 2u)), seen);
  add(&(*sums).d, mat3x3f(subgroupBroadcast(p, 3u), subgroupBroadcast(q, 3u), subgroupBroadcast(r, 3u)), seen);
}

// Calls the kernel's finish(sum, channel, place) for each pixel of the blocks of four of channels() channels.
fn finish_four(sums: Sums, first: u32, block: Block) {
  finish_block(sums.a, first, block);
  finish_block(sums.b, first + 1u, block);
  finish_block(sums.c, first + 2u, block);
  finish_block(sums.d, first + 3u, block);
}

fn finish_block(sums: mat4x4f, channel: u32, block: Block) {
  if (channel >= channels()) { return; }
  let step = u32(p.dilation);
  finish_row(sums[0], channel, block.row, block);
  finish_row(sums[1], channel, block.row + step, block);
  finish_row(sums[2], channel, block.row + 2u * step, block);
  finish_row(sums[3], channel, block.row + 3u * step, block);
}

fn finish_row(sums: vec4f, channel: u32, row: u32, block: Block) {
  if (row >= p.OH) { return; }
  let o = ((block.n * channels() + channel) * p.OH + row) * p.OW;
  let at = block.column + vec4u(0u, 1u, 2u, 3u) * u32(p.dilation);
  if (at.x < p.OW) { finish(sums.x, channel, o + at.x); }
  if (at.y < p.OW) { finish(sums.y, channel, o + at.y); }
  if (at.z < p.OW) { finish(sums.z, channel, o + at.z); }
  if (at.w < p.OW) { finish(sums.w, channel, o + at.w); }
}
