// matmul/6_tiles
// y[b,m,n] = sum over k of A[b,m,k] * B[b,k,n],  A = a or a transposed (TA), B = b or b transposed (TB)
// a (batch, M, K) or, with TA, (batch, K, M);  b (batch, K, N) or, with TB, (batch, N, K);  y (batch, M, N)
// A workgroup owns a tile of ROWS x COLUMNS, a lane 4 x 4 to 8 x 8 of it.
// Over rung 4: 64 products for four loads of a vec4 out of workgroup memory where that has 16 for two; the next tile
// comes while this one is used; and the tile's size is a choice: large where there are many results, small where few.
const SPREAD: u32 = 1; // lanes side by side load and store what lies side by side
alias Element = f32;
// #include "matmul/0_product.wgsl": Params, the bindings, main(), which calls fetch() and store()

fn fetch(step: u32, block: Block, place: Place) -> mat4x4f {
  let depths = step * DEPTH + depths_of(block);
  var numbers: mat4x4f;
  for (var i = 0u; i < 4u; i++) {
    let at = place.begin + min(depths[i], p.K - 1u) * place.step;
    var loaded: vec4f;
    if (block.left) { loaded = vec4f(a[at.x], a[at.y], a[at.z], a[at.w]); }
    else { loaded = vec4f(b[at.x], b[at.y], b[at.z], b[at.w]); }
    numbers[i] = select(vec4f(), loaded, depths[i] < p.K);
  }
  return numbers;
}

fn store(group: vec3u, row: u32, columns: vec4u, results: vec4f) {
  let m = group.y * ROWS + row;
  let n = group.x * COLUMNS + columns.x;
  let y0 = (group.z * p.M + m) * p.N;
  // One store in a loop of unknown length stands for four: stores are what makes this kernel slow to compile on a CPU.
  let end = select(0u, min(n + COLUMNS, p.N), m < p.M);
  for (var i = n; i < end; i += COLUMN_QUADS) { y[y0 + i] = results[(i - n) / COLUMN_QUADS]; }
}
