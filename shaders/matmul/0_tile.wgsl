// matmul/0_tile    The tile of eight neighbouring lanes in rungs 2 and 3: ROWS rows x 32 columns of y. A lane has all
// rows of 4 columns, 8 apart. The tiles of all products of a batch form one row, so a batch of small matrices fills the
// lanes as well as a large one.
const WG: u32 = 32;
const COLUMNS: u32 = 32; // four for each of the eight lanes
// #include "lib/rolled.wgsl": after(), the next number of a loop that is not to be unrolled
// #include "matmul/0_strides.wgsl": Params, the bindings, a_step() and b_step()
// #include "lib/flat.wgsl": flat(), the number of an invocation

// Which product of the batch, its first row, the lane's first column, and the column before which the lane ends.
struct Tile { batch: u32, m: u32, n: u32, end: u32 }

fn tile_at(number: u32, lane: u32) -> Tile {
  let tiles_m = (p.M + ROWS - 1u) / ROWS;
  let tiles_n = (p.N + COLUMNS - 1u) / COLUMNS;
  // Tiles past the end work on the last product, and write nothing: a shuffle needs all lanes.
  let batch = min(number / (tiles_m * tiles_n), p.batch - 1u);
  let n = number % tiles_n * COLUMNS + lane;
  let end = select(0u, min(n + COLUMNS, p.N), number < p.batch * tiles_m * tiles_n);
  return Tile(batch, number / tiles_n % tiles_m * ROWS, n, end);
}

// Where four columns of b begin.
fn columns_at(tile: Tile) -> vec4u {
  return tile.batch * p.K * p.N + min(tile.n + vec4u(0u, 8u, 16u, 24u), vec4u(p.N - 1u)) * b_step().x;
}

fn load(at: vec4u) -> vec4f { return vec4f(b[at.x], b[at.y], b[at.z], b[at.w]); }

fn store(sum: ptr<function, array<vec4f, ROWS>>, tile: Tile) {
  var done = *sum;
  for (var column = tile.n; column < tile.end; column += 8u) {
    let j = (column - tile.n) / 8u;
    for (var i = 0u; i < min(ROWS, p.M - tile.m); i = after(i)) {
      y[(tile.batch * p.M + tile.m + i) * p.N + column] = done[i][j];
    }
  }
}
