// conv2d/backward_weight/5_quartet
// dw[g,k,c,r,s] = sum over the rows (n,oh) of group g, and ow, of dy[n,k,oh,ow] * x[n,c,ih,iw],
// ih = oh*stride - pad + r*dilation
// x (N,C,H,W), dy (N,K,OH,OW), dw (G,K,C,R,S), seen as G matrices of K rows and C*R*S columns.   Eight lanes
// own a tile of 16 rows x 32 columns: a lane has all 16 rows of 4 columns, 8 apart.
// Rung 3 for subgroups of four lanes, with the sums in matrices (lib/quartet.wgsl). One loop walks all pixels of a
// group, two a turn: what a turn hands on to the next is all of the tile, and a loop in a loop does so twice.
enable subgroups;
const WG: u32 = 8; // one tile: there are few
const ROWS: u32 = 16;
const COLUMNS: u32 = 32; // four for each of the eight lanes
const RUN: u32 = 64; // pixels that are added up in one float; then that joins the total: a long sum keeps its digits
// #include "conv2d/backward_weight/0_columns.wgsl": Params, the bindings, what a column is
// #include "lib/quartet.wgsl": Tile, multiply(), finish_all(), which calls rows(), row_step() and finish()

struct Pixel { n: u32, oh: u32, ow: u32 } // of dy

fn next(at: Pixel) -> Pixel {
  let row_ends = at.ow + 1u == p.OW;
  let oh = at.oh + u32(row_ends);
  let image_ends = oh == p.OH;
  return Pixel(at.n + u32(image_ends), select(oh, 0u, image_ends), select(at.ow + 1u, 0u, row_ends));
}

// This lane's channels of dy at a pixel; zero unless it is `real`.
fn channels_at(channel: u32, at: Pixel, real: bool) -> vec4f {
  let plane = p.OH * p.OW;
  let i = (at.n * p.K + channel) * plane + at.oh * p.OW + at.ow;
  return select(vec4f(), vec4f(dy[i], dy[i + 4u * plane], dy[i + 8u * plane], dy[i + 12u * plane]), real);
}

// The pixels of x that four columns meet there, and zero in the padding. `first`: those at the first pixel of dy.
fn patches_at(first: vec4u, q: Columns, at: Pixel, real: bool) -> vec4f {
  let ih = i32(at.oh) * p.stride;
  let iw = i32(at.ow) * p.stride;
  // Negative rows become huge, so one comparison finds both ends.
  let inside = (vec4u(ih + q.down) < vec4u(p.H)) & (vec4u(iw + q.right) < vec4u(p.W)) & vec4<bool>(real);
  let i = select(vec4u(), first + (at.n * p.C * p.H + u32(ih)) * p.W + u32(iw), inside);
  return select(vec4f(), vec4f(x[i.x], x[i.y], x[i.z], x[i.w]), inside);
}

fn rows() -> u32 { return p.K; }
fn row_step() -> u32 { return width(); }
fn finish(sum: f32, row: u32, o: u32) { dw[o] = sum; }

@compute @workgroup_size(WG)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32,
  @builtin(subgroup_invocation_id) sub: u32) {
  let across = (width() + COLUMNS - 1u) / COLUMNS;
  let k0 = group.x / across * ROWS;
  let channel = k0 + sub % 4u; // past K it reads dy for sums that are never written (WebGPU bounds every access)
  let column = group.x % across * COLUMNS + lane + vec4u(0u, 8u, 16u, 24u);
  let q = columns_at(column);
  let first = vec4u((vec4i(q.c * p.H) + q.down) * i32(p.W) + q.right);
  let g = group.y;
  let mine = rows_of(g);
  let end = mine.y * p.OW;
  var at = Pixel(mine.x / p.OH, mine.x % p.OH, 0u);
  var total = Tile();
  for (var from_ = mine.x * p.OW; from_ < end; from_ += RUN) {
    var sum = Tile();
    for (var pixel = from_; pixel < min(from_ + RUN, end); pixel += 2u) {
      multiply(&sum, channels_at(channel, at, true), patches_at(first, q, at, true));
      at = next(at);
      let more = pixel + 1u < end;
      multiply(&sum, channels_at(channel, at, more), patches_at(first, q, at, more));
      at = next(at);
    }
    add(&total, sum);
  }
  finish_all(total, k0, g * p.K * width() + column, column < vec4u(width()));
}
