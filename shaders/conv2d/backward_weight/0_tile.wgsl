// conv2d/backward_weight/0_tile    The tile of eight neighbouring lanes in rungs 2, 3 and 9: ROWS rows x 32 columns of
// dw. A lane has all rows of 4 columns, 8 apart, and walks the pixels of the rows of group g.
const WG: u32 = 8; // a tile for each eight: on a CPU lanes without a tile cost as much as lanes with one
const COLUMNS: u32 = 32; // four for each of the eight lanes
// #include "lib/rolled.wgsl": after(), the next number of a loop that is not to be unrolled
// #include "conv2d/backward_weight/0_columns.wgsl": Params, the bindings, what a column is

// The first row of tile number `tile`, and the first column of its lane 0 to 7.
fn tile_at(tile: u32, lane: u32) -> vec2u {
  let across = (width() + COLUMNS - 1u) / COLUMNS;
  return vec2u(tile / across * ROWS, tile % across * COLUMNS + lane);
}

// Pixels that are added up in one float. Then that joins the total: a long sum keeps its digits.
const RUN: u32 = 64;

// The row of x that four columns meet at row oh of dy: where it begins and, if it is inside the image, its length.
struct Line { at: vec4u, length: vec4u }

fn line_of(q: Columns, n: u32, oh: u32) -> Line {
  let ih = vec4u(i32(oh) * p.stride + q.down); // negative rows become huge, so one comparison finds both ends
  return Line(((n * p.C + q.c) * p.H + ih) * p.W, select(vec4u(), vec4u(p.W), ih < vec4u(p.H)));
}

fn load(q: Columns, line: Line, ow: u32) -> vec4f {
  let iw = vec4u(i32(ow) * p.stride + q.right);
  let inside = iw < line.length;
  let at = select(vec4u(), line.at + iw, inside);
  return select(vec4f(), vec4f(x[at.x], x[at.y], x[at.z], x[at.w]), inside);
}

fn store(sum: ptr<function, array<vec4f, ROWS>>, g: u32, tile: vec2u) {
  var done = *sum;
  let end = select(0u, min(tile.y + COLUMNS, width()), tile.x < p.K); // past the last tile: nothing
  for (var j = tile.y; j < end; j += 8u) {
    for (var i = 0u; i < min(ROWS, p.K - tile.x); i = after(i)) {
      dw[(g * p.K + tile.x + i) * width() + j] = done[i][(j - tile.y) / 8u];
    }
  }
}
