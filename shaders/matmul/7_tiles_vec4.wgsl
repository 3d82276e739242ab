// matmul/7_tiles_vec4
// y[b,m,n] = sum over k of A[b,m,k] * B[b,k,n],  A = a or a transposed (TA), B = b or b transposed (TB)
// a (batch, M, K) or, with TA, (batch, K, M);  b (batch, K, N) or, with TB, (batch, N, K);  y (batch, M, N)
// A workgroup owns a tile of ROWS x COLUMNS, a lane 4 x 4 to 8 x 8 of it.
// Over rung 6: a load or store moves four numbers, a quarter of the instructions. Right where the axes that lie in one
// piece are multiples of four: N, that of a, and that of b.
const SPREAD: u32 = 0; // a quad is four neighbours
alias Element = vec4f;
// #include "matmul/0_product.wgsl": Params, the bindings, main(), which calls fetch() and store()

fn load(is_left: bool, at: u32) -> vec4f {
  if (is_left) { return a[at / 4u]; }
  return b[at / 4u];
}

fn fetch(step: u32, block: Block, place: Place) -> mat4x4f {
  let depths = step * DEPTH + depths_of(block);
  let at = min(depths, vec4u(p.K - 1u)) * place.step;
  var numbers: mat4x4f;
  if (select(right_deep(), left_deep(), block.left)) { // a vec4 is four depths of one row
    for (var i = 0u; i < 4u; i++) { numbers[i] = load(block.left, place.begin[i] + at.x); }
    numbers = transpose(numbers);
  } else {
    for (var i = 0u; i < 4u; i++) { numbers[i] = load(block.left, place.begin.x + at[i]); }
  }
  for (var i = 0u; i < 4u; i++) { numbers[i] = select(vec4f(), numbers[i], depths[i] < p.K); }
  return numbers;
}

fn store(group: vec3u, row: u32, columns: vec4u, results: vec4f) {
  let m = group.y * ROWS + row;
  let n = group.x * COLUMNS + columns.x;
  if (m < p.M && n < p.N) { y[((group.z * p.M + m) * p.N + n) / 4u] = results; }
}
