// conv2d/forward/7_pointwise
// y[n,k,oh,ow] = sum over c of x[n,c,oh,ow] * w[k,c]
// x (N,C,H,W), w (K,C,1,1), y (N,K,H,W), stride 1, no padding: a matrix product for each image. A workgroup owns a tile
// of ROWS channels x COLUMNS pixels, a lane 4 x 4 to 8 x 8 of it.
// Over rung 6: a load moves four numbers. Right where C and an image's pixels are multiples of four.
const SPREAD: u32 = 0; // a quad is four neighbours
alias Vector = vec4f;
alias Weight = vec4f;
alias Result = f32;
// #include "conv2d/forward/0_vectors.wgsl": the bindings; epilogue(), what is done to a finished sum
// #include "conv2d/0_params.wgsl": Params
// #include "lib/product.wgsl": product(), which calls place(), fetch() and store()

fn left_deep() -> bool { return true; } // channels of w
fn right_deep() -> bool { return false; } // pixels of x

// Where four channels' weights begin, or four pixels.
struct Place { begin: vec4u }

fn place(block: Block, group: vec3u) -> Place {
  // Past the end: the last again, not written.
  if (block.left) { return Place(min(group.x * ROWS + four(block.quad, ROW_QUADS), vec4u(p.K - 1u)) * p.C); }
  let plane = p.H * p.W;
  let pixel = min(group.y * COLUMNS + four(block.quad, COLUMN_QUADS), vec4u(p.N * plane - 4u));
  return Place(pixel / plane * (p.C * plane) + pixel % plane);
}

fn fetch(step: u32, block: Block, place: Place) -> mat4x4f {
  let c = step * DEPTH + depths_of(block);
  var numbers: mat4x4f;
  for (var i = 0u; i < 4u; i++) {
    var loaded: vec4f;
    if (block.left) { loaded = w[(place.begin[i] + c.x) / 4u]; } // four channels of one row
    else { loaded = x[(place.begin.x + c[i] * p.H * p.W) / 4u]; } // four pixels of one channel
    numbers[i] = select(vec4f(), loaded, c[i] < p.C);
  }
  if (block.left) { numbers = transpose(numbers); }
  return numbers;
}

fn store(group: vec3u, row: u32, columns: vec4u, results: vec4f) {
  let k = group.x * ROWS + row;
  let plane = p.H * p.W;
  let first = group.y * COLUMNS + columns.x;
  let o = (first / plane * p.K + k) * plane + first % plane;
  // One store in a loop of unknown length stands for four: stores are what makes this kernel slow to compile on a CPU.
  let count = select(0u, 4u, k < p.K && first < p.N * plane);
  for (var i = 0u; i < count; i++) { y[o + i] = epilogue(results[i], k, o + i); }
}

@compute @workgroup_size(WG)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  product(group, lane, 0u, (p.C + DEPTH - 1u) / DEPTH);
}
