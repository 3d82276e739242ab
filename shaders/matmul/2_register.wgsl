// matmul/2_register    y[b,m,n] = sum over k of A[b,m,k] * B[b,k,n],  A = a or a transposed (TA), B = b or b transposed
// (TB) a (batch, M, K) or, with TA, (batch, K, M);  b (batch, K, N) or, with TB, (batch, N, K);  y (batch, M, N).
// Eight neighbouring lanes, an octet, own a tile of 8 rows x 32 columns: a lane has all 8 rows of 4 columns, 8 apart.
// Tiles form one long row, so a batch of small matrices fills the lanes as well as a large one.
// Over rung 1: 32 multiply-adds take 12 loads instead of 64, for a loaded B serves 8 rows and an A serves 4 columns.
// Both transpositions are strides, so one pipeline serves all four cases.
const WG: u32 = 32;
const ROWS: u32 = 8;
const COLUMNS: u32 = 32; // four for each lane of an octet
struct Params { batch: u32, M: u32, N: u32, K: u32, TA: u32, TB: u32 }
@group(0) @binding(0) var<storage, read> a: array<f32>;
@group(0) @binding(1) var<storage, read> b: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;
@group(0) @binding(3) var<uniform> p: Params;
// #include "lib/flat.wgsl"

@compute @workgroup_size(WG)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let tiles_m = (p.M + ROWS - 1u) / ROWS;
  let tiles_n = (p.N + COLUMNS - 1u) / COLUMNS;
  let tile = flat(id, groups) / 8u;
  let batch = min(tile / (tiles_m * tiles_n), p.batch - 1u);
  let m0 = tile / tiles_n % tiles_m * ROWS;
  let n0 = tile % tiles_n * COLUMNS + id.x % 8u;

  let a_step = select(vec2u(p.K, 1u), vec2u(1u, p.M), p.TA == 1u); // distance in a of the next m, of the next k
  let b_step = select(vec2u(1u, p.N), vec2u(p.K, 1u), p.TB == 1u); // distance in b of the next n, of the next k
  let n = min(n0 + vec4u(0u, 8u, 16u, 24u), vec4u(p.N - 1u));
  // Past M it reads rows of sums that are never written (WebGPU bounds every access).
  var a_at = batch * p.M * p.K + m0 * a_step.x;
  var b_at = batch * p.K * p.N + n * b_step.x;
  var sum: array<vec4f, ROWS>;
  for (var k = 0u; k < p.K; k++) {
    let row = vec4f(b[b_at.x], b[b_at.y], b[b_at.z], b[b_at.w]);
    for (var i = 0u; i < ROWS; i++) { sum[i] += a[a_at + i * a_step.x] * row; }
    a_at += a_step.y;
    b_at += b_step.y;
  }

  // One store in a loop of unknown length stands for four: stores are what makes this kernel slow to compile on a CPU.
  let end = select(0u, min(n0 + COLUMNS, p.N), tile < p.batch * tiles_m * tiles_n);
  for (var column = n0; column < end; column += 8u) {
    let j = (column - n0) / 8u;
    for (var i = 0u; i < ROWS; i++) {
      if (m0 + i < p.M) { y[(batch * p.M + m0 + i) * p.N + column] = sum[i][j]; }
    }
  }
}
