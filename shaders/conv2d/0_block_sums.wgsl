// conv2d/0_block_sums    The rungs `blocks` of forward and backward_input: a lane owns a tile of 8 channels x a block.
// The kernel says how many channels() there are and how many terms() a sum has, one for each channel of what source()
// reads; how far filters of neighbouring channels, and of neighbouring terms, lie apart in w; the filter_at() a place,
// a column for each of its rows; and what is done to a sum: finish(sum, channel, place).
const WG: u32 = 32;
const CHANNELS: u32 = 8;
// #include "conv2d/0_params.wgsl": Params
// #include "lib/rolled.wgsl": after(), the next number of a loop that is not to be unrolled
// #include "conv2d/0_block.wgsl": Block, block_of(), Window, window_of(), which calls source()

// The sums of a tile. A matrix has a block of one channel: a column for each row of pixels. Only main() has an index
// that is a variable, at its end, into a copy: what such an index reaches lies in memory.
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

@compute @workgroup_size(WG)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32,
  @builtin(subgroup_invocation_id) sub: u32) {
  let first = group.x * CHANNELS;
  let number = group.y * WG + lane;
  let all = p.N * blocks_in(p.OH) * blocks_in(p.OW);
  let block = block_of(min(number, all - 1u));
  let columns = columns_of(block);
  var plane = block.n * terms() * p.H * p.W;
  // Past the last channel it reads weights of sums that are never written (WebGPU bounds every access).
  var w_at = (first + sub % 4u) * channel_step();
  var sums: Sums;
  for (var t = 0u; t < terms(); t++) {
    var seen = window_of(plane, block, columns);
    add_four(0u, &sums, filter_at(w_at), &seen);
    add_four(4u, &sums, filter_at(w_at + 4u * channel_step()), &seen);
    plane += p.H * p.W;
    w_at += term_step();
  }
  if (number >= all) { return; }
  var done = sums;
  for (var k = 0u; k < min(CHANNELS, channels() - first); k = after(k)) {
    for (var i = 0u; i < SIDE * SIDE; i = after(i)) {
      let row = block.row + i / SIDE * u32(p.dilation);
      let column = block.column + i % SIDE * u32(p.dilation);
      if (row >= p.OH || column >= p.OW) { continue; }
      let channel = first + k;
      finish(done[k][i / SIDE][i % SIDE], channel, ((block.n * channels() + channel) * p.OH + row) * p.OW + column);
    }
  }
}
