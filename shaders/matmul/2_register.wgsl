// matmul/2_register
// y[b,m,n] = sum over k of A[b,m,k] * B[b,k,n],  A = a or a transposed (TA), B = b or b transposed (TB)
// a (batch, M, K) or, with TA, (batch, K, M);  b (batch, K, N) or, with TB, (batch, N, K);  y (batch, M, N)
// Eight neighbouring lanes own a tile of 8 rows x 32 columns: a lane has all 8 rows of 4 columns.
// Over rung 1: 32 multiply-adds take 12 loads instead of 64, for a loaded B serves 8 rows and an A serves 4 columns.
const ROWS: u32 = 8;
// #include "matmul/0_tile.wgsl": Params, the bindings, where a tile lies, load(), store()

@compute @workgroup_size(WG)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let tile = tile_at(flat(id, groups) / 8u, id.x % 8u);
  // Past M it reads rows of sums that are never written (WebGPU bounds every access).
  var a_at = tile.batch * p.M * p.K + tile.m * a_step().x;
  var b_at = columns_at(tile);
  var sum: array<vec4f, ROWS>;
  for (var k = 0u; k < p.K; k++) {
    let row = load(b_at);
    for (var i = 0u; i < ROWS; i++) { sum[i] += a[a_at + i * a_step().x] * row; }
    a_at += a_step().y;
    b_at += b_step().y;
  }
  store(&sum, tile);
}
