// conv2d/backward_weight/11_blocks
// dw[g,k,c,r,s] = sum over the rows (n,oh) of group g, and ow, of dy[n,k,oh,ow] * x[n,c,ih,iw],
// ih = oh*stride + (r - 1)*dilation
// x (N,C,H,W), dy (N,K,OH,OW), dw (G,K,C,3,3).   3x3 filters with padding = dilation and stride 1, or with padding 1
// and stride 2; a group has whole images, or with dilation 1 whole rows of blocks. Eight lanes own a tile of 8 rows x 8
// channels: a lane all nine taps of one channel for all rows. They walk the blocks of 4x4 pixels of group g.
// Over rung 3, for subgroups of four lanes: ../0_block.wgsl says why. Each lane of four loads a row of dy's block.
enable subgroups;
const WG: u32 = 8;
const ROWS: u32 = 8;
// #include "conv2d/backward_weight/0_shared.wgsl": Params, the bindings, rows_of() a group
// #include "lib/rolled.wgsl": after(), the next number of a loop that is not to be unrolled
// #include "conv2d/0_block.wgsl": Block, block_of(), Window, window_of(), which calls source()

fn source(i: u32) -> f32 { return x[i]; }

// The sums of a tile: of each row a filter, with a column for each row of taps.
alias Sums = array<mat3x3f, ROWS>;

// Row `row` of a block of dy, in channel k.
fn gradients_at(k: u32, block: Block, row: u32) -> vec4f {
  let oh = block.row + row * u32(p.dilation);
  let at = block.column + vec4u(0u, 1u, 2u, 3u) * u32(p.dilation);
  let inside = (at < vec4u(p.OW)) & vec4<bool>(oh < p.OH);
  let i = ((block.n * p.K + k) * p.OH + oh) * p.OW + at;
  return select(vec4f(), vec4f(dy[i.x], dy[i.y], dy[i.z], dy[i.w]), inside);
}

// The products of a block, summed: what the rows of dy give to the taps that see from row `first` of the window on.
fn products(dy: mat4x4f, seen: ptr<function, Window>, first: u32) -> vec3f {
  return dy[0] * (*seen)[first] + dy[1] * (*seen)[first + stride] + dy[2] * (*seen)[first + 2u * stride] +
    dy[3] * (*seen)[first + 3u * stride];
}

// Adds them to the nine sums of one row of dw: four lanes have brought the rows of its block of dy.
fn add(sum: ptr<function, mat3x3f>, mine: vec4f, seen: ptr<function, Window>) {
  let dy = mat4x4f(subgroupBroadcast(mine, 0u), subgroupBroadcast(mine, 1u), subgroupBroadcast(mine, 2u),
    subgroupBroadcast(mine, 3u));
  (*sum)[0] += products(dy, seen, 0u);
  (*sum)[1] += products(dy, seen, 1u);
  (*sum)[2] += products(dy, seen, 2u);
}

fn add_four(first: u32, sums: ptr<function, Sums>, k: u32, block: Block, row: u32, seen: ptr<function, Window>) {
  add(&(*sums)[first], gradients_at(k, block, row), seen);
  add(&(*sums)[first + 1u], gradients_at(k + 1u, block, row), seen);
  add(&(*sums)[first + 2u], gradients_at(k + 2u, block, row), seen);
  add(&(*sums)[first + 3u], gradients_at(k + 3u, block, row), seen);
}

// The number of the first block of row number `row` of all images, where one begins.
fn block_at(row: u32) -> u32 {
  return (row / p.OH * blocks_in(p.OH) + row % p.OH / SIDE) * blocks_in(p.OW);
}

@compute @workgroup_size(WG)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32,
  @builtin(subgroup_invocation_id) sub: u32) {
  let across = (p.C + WG - 1u) / WG;
  let k0 = group.x / across * ROWS;
  let own_c = group.x % across * WG + lane;
  let c = min(own_c, p.C - 1u); // past the end: the last again, not written
  let g = group.y;
  let rows = rows_of(g);
  let end = block_at(rows.y);
  var sums: Sums;
  for (var number = block_at(rows.x); number < end; number++) {
    let block = block_of(number);
    // Past K it reads dy for sums that are never written (WebGPU bounds every access).
    var seen = window_of((block.n * p.C + c) * p.H * p.W, block, columns_of(block));
    add_four(0u, &sums, k0, block, sub % 4u, &seen);
    add_four(4u, &sums, k0 + 4u, block, sub % 4u, &seen);
  }
  if (own_c >= p.C) { return; }
  var done = sums;
  for (var i = 0u; i < min(ROWS, p.K - k0); i = after(i)) {
    let out = ((g * p.K + k0 + i) * p.C + c) * 9u;
    for (var j = 0u; j < 9u; j = after(j)) { dw[out + j] = done[i][j / 3u][j % 3u]; }
  }
}
