// lib/product    A workgroup multiplies ROWS rows by COLUMNS columns, DEPTH deep at a time, and a lane owns LANE_ROWS x
// LANE_COLUMNS of the results: each number that it reads from workgroup memory serves that many products.
// Both sides are cut into blocks, four neighbours x four deep. A lane fetches its blocks of the next step into
// registers while it multiplies this step's, so memory answers meanwhile. With two BUFFERS the next step is laid beside
// this one, and a step takes one barrier instead of two.
// The including kernel says what a block is: struct Place and place(), what is computed of it once; fetch(), its 4 x 4
// numbers at a step, one vec4 of neighbours for each of the four depths; left_deep() and right_deep(), whether numbers
// that lie side by side in memory differ in depth; and store(), what is done with four results.
const WG: u32 = 256; // ROWS / LANE_ROWS * COLUMNS / LANE_COLUMNS
const ROWS: u32 = 128;
const COLUMNS: u32 = 128;
const DEPTH: u32 = 16;
const BUFFERS: u32 = 1;
const LANE_ROWS: u32 = 8;
const LANE_COLUMNS: u32 = 8;
const RUN: u32 = 0; // steps that are added up in one float before it joins the total; 0: all of them
const ROW_QUADS: u32 = ROWS / 4u;
const COLUMN_QUADS: u32 = COLUMNS / 4u;
const DOWN: u32 = ROWS / LANE_ROWS; // lanes side by side
const ACROSS: u32 = COLUMNS / LANE_COLUMNS;
const QUADS: u32 = LANE_COLUMNS / 4u; // of columns, for each row of a lane
const RESULTS: u32 = LANE_ROWS * QUADS;
const DEPTHS: u32 = DEPTH / 4u;
const LEFT_BLOCKS: u32 = ROW_QUADS * DEPTHS;
const BLOCKS: u32 = LEFT_BLOCKS + COLUMN_QUADS * DEPTHS;
const MINE: u32 = (BLOCKS + WG - 1u) / WG; // that a lane fetches
const RIGHT: u32 = BUFFERS * DEPTH * ROW_QUADS; // the right side lies behind the left one
var<workgroup> sides: array<vec4f, BUFFERS * DEPTH * (ROW_QUADS + COLUMN_QUADS)>;

// A block's side, and its number among the side's quads and among its depths.
struct Block { left: bool, quad: u32, depth: u32 }

fn block_of(number: u32) -> Block {
  let is_left = number < LEFT_BLOCKS;
  let i = select(number - LEFT_BLOCKS, number, is_left);
  let quads = select(COLUMN_QUADS, ROW_QUADS, is_left);
  let deep = select(right_deep(), left_deep(), is_left);
  return Block(is_left, select(i % quads, i / DEPTHS, deep), select(i / quads, i % DEPTHS, deep));
}

// The four of a quad. SPREAD 1: neighbouring quads hold neighbours, so that lanes which move a number at a time move
// what lies side by side. SPREAD 0: a quad holds four neighbours, which move as one vec4.
fn four(quad: u32, quads: u32) -> vec4u {
  return select(4u * quad + vec4u(0u, 1u, 2u, 3u), quad + quads * vec4u(0u, 1u, 2u, 3u), SPREAD == 1u);
}
fn depths_of(block: Block) -> vec4u { return four(block.depth, DEPTHS); }

// True where a lane has an i-th block. With tiles that are 8 deep most lanes have none: they touch no memory.
fn has(lane: u32, i: u32) -> bool { return BLOCKS % WG == 0u || lane + i * WG < BLOCKS; }

// Where a quad lies. Neighbours are exchanged from depth to depth: otherwise lanes that write one below the other would
// meet in one bank of the memory, and a row that is longer by one would not fit.
fn at(buffer: u32, depth: u32, quad: u32, quads: u32) -> u32 {
  return (buffer * DEPTH + depth) * quads + (quad ^ (2u * ((depth ^ (depth / 4u)) % 4u)));
}

fn lay(block: Block, numbers: mat4x4f, buffer: u32) {
  let depths = depths_of(block);
  let side = select(RIGHT, 0u, block.left);
  let quads = select(COLUMN_QUADS, ROW_QUADS, block.left);
  for (var i = 0u; i < 4u; i++) { sides[side + at(buffer, depths[i], block.quad, quads)] = numbers[i]; }
}

fn multiply(sum: ptr<function, array<vec4f, RESULTS>>, lane: u32, buffer: u32) {
  for (var k = 0u; k < DEPTH; k++) {
    var r: array<vec4f, QUADS>;
    for (var j = 0u; j < QUADS; j++) { r[j] = sides[RIGHT + at(buffer, k, lane % ACROSS + j * ACROSS, COLUMN_QUADS)]; }
    for (var i = 0u; i < LANE_ROWS / 4u; i++) {
      let l = sides[at(buffer, k, lane / ACROSS + i * DOWN, ROW_QUADS)];
      for (var j = 0u; j < QUADS; j++) {
        (*sum)[4u * i * QUADS + j] += l.x * r[j];
        (*sum)[(4u * i + 1u) * QUADS + j] += l.y * r[j];
        (*sum)[(4u * i + 2u) * QUADS + j] += l.z * r[j];
        (*sum)[(4u * i + 3u) * QUADS + j] += l.w * r[j];
      }
    }
  }
}

// The sums over steps first to end - 1, stored.
fn product(group: vec3u, lane: u32, first: u32, end: u32) {
  var places: array<Place, MINE>;
  var ahead: array<mat4x4f, MINE>;
  for (var i = 0u; i < MINE; i++) {
    if (has(lane, i)) { places[i] = place(block_of(lane + i * WG), group); }
  }
  var sum: array<vec4f, RESULTS>;
  var total: array<vec4f, RESULTS>;
  for (var step = first; step <= end; step++) { // fetches this step, and multiplies the one before
    if (step < end) {
      for (var i = 0u; i < MINE; i++) {
        if (has(lane, i)) { ahead[i] = fetch(step, block_of(lane + i * WG), places[i]); }
      }
    }
    if (step > first) { multiply(&sum, lane, (step - 1u) % BUFFERS); }
    if (RUN > 0u && (step - first) % max(RUN, 1u) == 0u) {
      for (var i = 0u; i < RESULTS; i++) {
        total[i] += sum[i];
        sum[i] = vec4f();
      }
    }
    if (BUFFERS == 1u) { workgroupBarrier(); }
    if (step < end) {
      for (var i = 0u; i < MINE; i++) {
        if (has(lane, i)) { lay(block_of(lane + i * WG), ahead[i], step % BUFFERS); }
      }
    }
    workgroupBarrier();
  }
  for (var i = 0u; i < LANE_ROWS; i++) {
    let row = four(lane / ACROSS + i / 4u * DOWN, ROW_QUADS)[i % 4u];
    for (var j = 0u; j < QUADS; j++) {
      var result = sum[i * QUADS + j];
      if (RUN > 0u) { result += total[i * QUADS + j]; }
      store(group, row, four(lane % ACROSS + j * ACROSS, COLUMN_QUADS), result);
    }
  }
}
