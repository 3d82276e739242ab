// conv2d/backward_input/8_pointwise
// dx[n,c,h,w] = sum over k of dy[n,k,h,w] * w[k,c]
// dy (N,K,H,W), w (K,C,1,1), dx (N,C,H,W), stride 1, no padding: a matrix product for each image. A workgroup owns a
// tile of ROWS channels x COLUMNS pixels, a lane 4 x 4 to 8 x 8 of it.
// Over rung 7: a load moves four numbers. Right where C and an image's pixels are multiples of four.
const SPREAD: u32 = 0; // a quad is four neighbours
alias Element = f32;
alias Vector = vec4f;
alias Weight = vec4f;
// #include "conv2d/backward_input/0_vectors.wgsl": the bindings; put(), which stores into dx
// #include "conv2d/0_params.wgsl": Params
// #include "lib/product.wgsl": product(), which calls place(), fetch() and store()

fn left_deep() -> bool { return false; } // channels of w
fn right_deep() -> bool { return false; } // pixels of dy

// Which four channels, or where four pixels begin.
struct Place { begin: u32 }

fn place(block: Block, group: vec3u) -> Place {
  // Past the end: the last again, not written.
  if (block.left) { return Place(min(group.x * ROWS + 4u * block.quad, p.C - 4u)); }
  let plane = p.H * p.W;
  let pixel = min(group.y * COLUMNS + 4u * block.quad, p.N * plane - 4u);
  return Place(pixel / plane * (p.K * plane) + pixel % plane);
}

fn fetch(step: u32, block: Block, place: Place) -> mat4x4f {
  let k = step * DEPTH + depths_of(block);
  var numbers: mat4x4f;
  for (var i = 0u; i < 4u; i++) {
    var loaded: vec4f;
    if (block.left) { loaded = w[(place.begin + k[i] * p.C) / 4u]; }
    else { loaded = dy[(place.begin + k[i] * p.H * p.W) / 4u]; }
    numbers[i] = select(vec4f(), loaded, k[i] < p.K);
  }
  return numbers;
}

fn store(group: vec3u, row: u32, columns: vec4u, results: vec4f) {
  let c = group.x * ROWS + row;
  let plane = p.H * p.W;
  let first = group.y * COLUMNS + columns.x;
  let o = (first / plane * p.C + c) * plane + first % plane;
  // One store in a loop of unknown length stands for four: stores are what makes this kernel slow to compile on a CPU.
  let count = select(0u, 4u, c < p.C && first < p.N * plane);
  for (var i = 0u; i < count; i++) { put(o + i, results[i]); }
}

@compute @workgroup_size(WG)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  product(group, lane, 0u, (p.K + DEPTH - 1u) / DEPTH);
}
