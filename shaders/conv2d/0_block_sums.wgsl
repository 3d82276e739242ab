// conv2d/0_block_sums    The tile of a lane in the rungs `blocks` of forward and backward_input: 8 channels x a block.
const WG: u32 = 32;
const CHANNELS: u32 = 8;
// #include "conv2d/0_params.wgsl": Params
// #include "lib/rolled.wgsl": after(), the next number of a loop that is not to be unrolled
// #include "conv2d/0_block.wgsl": Block, block_of(), Window, window_of(), which calls source()

// The sums of a tile. A matrix has a block of one channel: a column for each row of pixels. Only finish_tile() has an
// index that is a variable: it keeps in memory what it indexes.
alias Sums = array<mat4x4f, CHANNELS>;

// The products of nine taps for a row of the block, which sees from row `first` of the window on. A filter is a matrix
// with a column for each of its rows.
fn taps(w: mat3x3f, seen: ptr<function, Window>, first: u32) -> vec4f {
  return (*seen)[first] * w[0] + (*seen)[first + 1u] * w[1] + (*seen)[first + 2u] * w[2];
}

fn add(sum: ptr<function, mat4x4f>, w: mat3x3f, seen: ptr<function, Window>) {
  (*sum)[0] += taps(w, seen, 0u);
  (*sum)[1] += taps(w, seen, stride);
  (*sum)[2] += taps(w, seen, 2u * stride);
  (*sum)[3] += taps(w, seen, 3u * stride);
}

// Adds those of four channels: each of four lanes has brought the filter of one, a, b and c its rows.
fn add_four(k: u32, sums: ptr<function, Sums>, mine: mat3x3f, seen: ptr<function, Window>) {
  let a = mine[0];
  let b = mine[1];
  let c = mine[2];
  add(&(*sums)[k], mat3x3f(subgroupBroadcast(a, 0u), subgroupBroadcast(b, 0u), subgroupBroadcast(c, 0u)), seen);
  add(&(*sums)[k + 1u], mat3x3f(subgroupBroadcast(a, 1u), subgroupBroadcast(b, 1u), subgroupBroadcast(c, 1u)), seen);
  add(&(*sums)[k + 2u], mat3x3f(subgroupBroadcast(a, 2u), subgroupBroadcast(b, 2u), subgroupBroadcast(c, 2u)), seen);
  add(&(*sums)[k + 3u], mat3x3f(subgroupBroadcast(a, 3u), subgroupBroadcast(b, 3u), subgroupBroadcast(c, 3u)), seen);
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
