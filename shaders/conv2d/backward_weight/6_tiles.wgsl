// conv2d/backward_weight/6_tiles
// dw[g,k,c,r,s] = sum over the rows (n,oh) of group g, and ow, of dy[n,k,oh,ow] * x[n,c,ih,iw],
// ih = oh*stride - pad + r*dilation
// x (N,C,H,W), dy (N,K,OH,OW), dw (G,K,C,R,S), seen as G matrices of K rows and C*R*S columns: for each a matrix
// product over the pixels of its rows, whose right side, the patches, is gathered while it is laid into workgroup
// memory. A workgroup owns a tile of ROWS channels x COLUMNS columns, a lane 4 x 4 or 8 x 4 of it.
// Over rung 3: a dy or x is loaded from memory once for a whole tile (lib/product.wgsl). A step is runs of eight pixels
// of a row, so one division places four pixels; where rows of dy are no multiples of eight, the last run is partly
// empty.
const SPREAD: u32 = 1; // lanes side by side store what lies side by side
const EIGHT: u32 = 8; // pixels in a run
// #include "conv2d/backward_weight/0_columns.wgsl": Params, the bindings, what a column is
// #include "lib/product.wgsl": product(), which calls place(), fetch() and store()

fn left_deep() -> bool { return true; } // pixels of dy
fn right_deep() -> bool { return true; } // and of x

fn runs() -> u32 { return (p.OW + EIGHT - 1u) / EIGHT; } // in a row

// Four channels of dy, counted from an image's first number; or four columns: their channels of x and their taps.
struct Place { rows: vec2u, k: vec4u, columns: Columns }

fn place(block: Block, group: vec3u) -> Place {
  // Past the end: the last again, not written.
  return Place(
    rows_of(group.z),
    min(group.y * ROWS + four(block.quad, ROW_QUADS), vec4u(p.K - 1u)),
    columns_at(group.x * COLUMNS + four(block.quad, COLUMN_QUADS)),
  );
}

// A block's depths are four pixels side by side, half a run.
fn fetch(step: u32, block: Block, place: Place) -> mat4x4f {
  let pixel = step * DEPTH + 4u * block.depth;
  let row = place.rows.x + pixel / (runs() * EIGHT);
  let ow = pixel % (runs() * EIGHT);
  let n = row / p.OH;
  let oh = row % p.OH;
  let end = select(0u, p.OW, row < place.rows.y); // no pixels in rows of other groups
  var numbers: mat4x4f;
  if (block.left) {
    let begin = ((n * p.K + place.k) * p.OH + oh) * p.OW + ow;
    for (var i = 0u; i < 4u; i++) {
      let at = begin + i;
      numbers[i] = select(vec4f(), vec4f(dy[at.x], dy[at.y], dy[at.z], dy[at.w]), ow + i < end);
    }
    return numbers;
  }
  let q = place.columns;
  let ih = vec4u(i32(oh) * p.stride + q.down); // negative rows become huge, so one comparison finds both ends
  let line = ((n * p.C + q.c) * p.H + ih) * p.W;
  let length = select(vec4u(), vec4u(p.W), ih < vec4u(p.H));
  for (var i = 0u; i < 4u; i++) {
    let iw = vec4u(i32(ow + i) * p.stride + q.right);
    let inside = (iw < length) & vec4<bool>(ow + i < end);
    let at = select(vec4u(), line + iw, inside);
    numbers[i] = select(vec4f(), vec4f(x[at.x], x[at.y], x[at.z], x[at.w]), inside);
  }
  return numbers;
}

fn store(group: vec3u, row: u32, columns: vec4u, results: vec4f) {
  let k = group.y * ROWS + row;
  let first = group.x * COLUMNS + columns.x;
  // One store in a loop of unknown length stands for four: stores are what makes this kernel slow to compile on a CPU.
  let end = select(0u, min(first + COLUMNS, width()), k < p.K);
  for (var i = first; i < end; i += COLUMN_QUADS) {
    dw[(group.z * p.K + k) * width() + i] = results[(i - first) / COLUMN_QUADS];
  }
}

@compute @workgroup_size(WG)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let rows = rows_of(group.z);
  product(group, lane, 0u, ((rows.y - rows.x) * runs() * EIGHT + DEPTH - 1u) / DEPTH);
}
