// matmul/5_quartet
// y[b,m,n] = sum over k of A[b,m,k] * B[b,k,n],  A = a or a transposed (TA), B = b or b transposed (TB)
// a (batch, M, K) or, with TA, (batch, K, M);  b (batch, K, N) or, with TB, (batch, N, K);  y (batch, M, N)
// Eight lanes own a tile of 16 rows x 32 columns: a lane has all 16 rows of 4 columns, 8 apart.
// Rung 3 for subgroups of four lanes, with the sums in matrices (lib/quartet.wgsl), and two k a turn of the loop: what
// a turn hands on to the next is all of the tile.
enable subgroups;
const WG: u32 = 8; // one tile
const ROWS: u32 = 16;
const COLUMNS: u32 = 32;
// #include "matmul/0_strides.wgsl": Params, the bindings, a_step() and b_step()
// #include "lib/flat.wgsl": flat(), the number of an invocation
// #include "lib/quartet.wgsl": Tile, multiply(), finish_all(), which calls rows(), row_step() and finish()

fn rows_at(at: u32) -> vec4f {
  let step = 4u * a_step().x;
  return vec4f(a[at], a[at + step], a[at + 2u * step], a[at + 3u * step]);
}
fn columns_at(at: vec4u) -> vec4f { return vec4f(b[at.x], b[at.y], b[at.z], b[at.w]); }

fn rows() -> u32 { return p.M; }
fn row_step() -> u32 { return p.N; }
fn finish(sum: f32, row: u32, o: u32) { y[o] = sum; }

@compute @workgroup_size(WG)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u,
  @builtin(subgroup_invocation_id) sub: u32) {
  let number = flat(id, groups) / WG;
  let tiles_m = (p.M + ROWS - 1u) / ROWS;
  let tiles_n = (p.N + COLUMNS - 1u) / COLUMNS;
  // Past the end: the last product, not written; handing round needs all lanes.
  let real = number < p.batch * tiles_m * tiles_n;
  let batch = min(number / (tiles_m * tiles_n), p.batch - 1u);
  let m0 = number / tiles_n % tiles_m * ROWS;
  let n = number % tiles_n * COLUMNS + id.x % WG + vec4u(0u, 8u, 16u, 24u);
  // Past M it reads rows of sums that are never written (WebGPU bounds every access).
  var a_at = batch * p.M * p.K + (m0 + sub % 4u) * a_step().x;
  var b_at = batch * p.K * p.N + min(n, vec4u(p.N - 1u)) * b_step().x;
  var sum = Tile();
  for (var k = 0u; k < p.K; k += 2u) {
    multiply(&sum, rows_at(a_at), columns_at(b_at));
    let more = k + 1u < p.K;
    let second = select(vec4f(), rows_at(a_at + a_step().y), more);
    multiply(&sum, second, select(vec4f(), columns_at(b_at + b_step().y), more));
    a_at += 2u * a_step().y;
    b_at += 2u * b_step().y;
  }
  finish_all(sum, m0, batch * p.M * p.N + n, (n < vec4u(p.N)) & vec4<bool>(real));
}
