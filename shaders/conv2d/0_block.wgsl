// conv2d/0_block    Blocks of 4x4 pixels, and what filters of 3x3 taps see from them, for the rungs `blocks`.
// They are for subgroups of four lanes, and for a compiler that unrolls no loop: SwiftShader's. There every number that
// one turn of a loop hands on to the next is selected under a mask, and loading one takes as long as twenty
// multiply-adds. So a turn takes all nine taps of a block: forward and with stride 1, 1,152 multiply-adds for 54 loads.
// The tile of lib/quartet.wgsl has 144 loads for as many.
const stride: u32 = 1; // or 2, with dilation 1. The padding is as large as the dilation.
const SIDE: u32 = 4; // of a block

// Pixels of a block are `dilation` apart, so that they meet the same pixels, each through another tap. Along an axis
// those with remainder 0 by the dilation come first, cut into blocks, then those with remainder 1, and so on.
struct Block { n: u32, row: u32, column: u32 } // of its first pixel, among outputs

// Blocks of one remainder along an axis of `length` outputs.
fn blocks_along(length: u32) -> u32 {
  let step = u32(p.dilation) * SIDE;
  return (length + step - 1u) / step;
}
fn blocks_in(length: u32) -> u32 { return blocks_along(length) * u32(p.dilation); }

fn start_of(number: u32, length: u32) -> u32 {
  let each = blocks_along(length);
  return number / each + number % each * u32(p.dilation) * SIDE;
}

fn block_of(number: u32) -> Block {
  let across = blocks_in(p.OW);
  let down = blocks_in(p.OH);
  return Block(number / (across * down), start_of(number / across % down, p.OH), start_of(number % across, p.OW));
}

// The columns that a block looks at, six or with stride 2 nine, and which of them lie inside an image of p.W columns.
struct Columns { a: vec4u, b: vec4u, c: u32, has_a: vec4<bool>, has_b: vec4<bool>, has_c: bool }

fn columns_of(block: Block) -> Columns {
  let d = u32(p.dilation);
  let first = block.column * stride - d; // left of the image it becomes huge: one comparison finds both ends
  let a = first + d * vec4u(0u, 1u, 2u, 3u);
  let b = a + 4u * d;
  let c = first + 8u * d;
  let has_a = a < vec4u(p.W);
  let has_b = b < vec4u(p.W);
  return Columns(select(vec4u(), a, has_a), select(vec4u(), b, has_b), select(0u, c, c < p.W), has_a, has_b, c < p.W);
}

// What the three taps of a row of the filter see in a row of pixels, for four neighbours of the block.
alias Seen = mat3x4f;
alias Window = array<Seen, 9>; // with stride 1 the first six

// The kernel says where numbers come from: source(i).
fn seen_in(plane: u32, row: u32, c: Columns) -> Seen {
  let inside = row < p.H;
  let at = plane + select(0u, row, inside) * p.W;
  let a = select(vec4f(), vec4f(source(at + c.a.x), source(at + c.a.y), source(at + c.a.z), source(at + c.a.w)),
    c.has_a & vec4<bool>(inside));
  let b = select(vec2f(), vec2f(source(at + c.b.x), source(at + c.b.y)), c.has_b.xy & vec2<bool>(inside));
  if (stride == 1u) { return Seen(a, vec4f(a.yzw, b.x), vec4f(a.zw, b)); }
  let d = select(vec2f(), vec2f(source(at + c.b.z), source(at + c.b.w)), c.has_b.zw & vec2<bool>(inside));
  let e = select(0.0, source(at + c.c), c.has_c && inside);
  return Seen(vec4f(a.xz, b.x, d.x), vec4f(a.yw, b.y, d.y), vec4f(a.z, b.x, d.x, e));
}

// What a block sees of the image that begins at `plane`.
fn window_of(plane: u32, block: Block, c: Columns) -> Window {
  let d = u32(p.dilation);
  let row = block.row * stride;
  var w: Window;
  w[0] = seen_in(plane, row - d, c);
  w[1] = seen_in(plane, row, c);
  w[2] = seen_in(plane, row + d, c);
  w[3] = seen_in(plane, row + 2u * d, c);
  w[4] = seen_in(plane, row + 3u * d, c);
  w[5] = seen_in(plane, row + 4u * d, c);
  if (stride == 2u) {
    w[6] = seen_in(plane, row + 5u, c);
    w[7] = seen_in(plane, row + 6u, c);
    w[8] = seen_in(plane, row + 7u, c);
  }
  return w;
}
