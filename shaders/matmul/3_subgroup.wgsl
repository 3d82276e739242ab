// matmul/3_subgroup    y[b,m,n] = sum over k of A[b,m,k] * B[b,k,n],  A = a or a transposed (TA), B = b or b transposed
// (TB) a (batch, M, K) or, with TA, (batch, K, M);  b (batch, K, N) or, with TB, (batch, N, K);  y (batch, M, N).
// Eight neighbouring lanes, an octet, own a tile of 16 rows x 32 columns: a lane has all 16 rows of 4 columns, 8 apart.
// Tiles form one long row, so a batch of small matrices fills the lanes as well as a large one.
// Over rung 2: there the lanes of an octet all load the same values of A. Here each loads those of 2 of the 16 rows,
// and the octet hands them round by subgroupShuffle, which moves registers and touches no memory: 64 multiply-adds take
// 6 loads instead of 24. On a CPU, where each load of a shader is a gather of 2 to 4 ns, loads are what counts.
// Right for subgroups of 8 lanes and more.
enable subgroups;
const WG: u32 = 32;
const ROWS: u32 = 16;
const COLUMNS: u32 = 32; // four for each lane of an octet
struct Params { batch: u32, M: u32, N: u32, K: u32, TA: u32, TB: u32 }
@group(0) @binding(0) var<storage, read> a: array<f32>;
@group(0) @binding(1) var<storage, read> b: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;
@group(0) @binding(3) var<uniform> p: Params;
// #include "lib/flat.wgsl"

@compute @workgroup_size(WG)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u,
  @builtin(subgroup_invocation_id) sub: u32) {
  let tiles_m = (p.M + ROWS - 1u) / ROWS;
  let tiles_n = (p.N + COLUMNS - 1u) / COLUMNS;
  let tile = flat(id, groups) / 8u;
  // Tiles past the end work for nothing: a shuffle needs all lanes.
  let batch = min(tile / (tiles_m * tiles_n), p.batch - 1u);
  let m0 = tile / tiles_n % tiles_m * ROWS;
  let n0 = tile % tiles_n * COLUMNS + sub % 8u;
  let octet = sub - sub % 8u;

  let a_step = select(vec2u(p.K, 1u), vec2u(1u, p.M), p.TA == 1u); // distance in a of the next m, of the next k
  let b_step = select(vec2u(1u, p.N), vec2u(p.K, 1u), p.TB == 1u); // distance in b of the next n, of the next k
  let m = min(m0 + sub % 8u + vec2u(0u, 8u), vec2u(p.M - 1u));
  let n = min(n0 + vec4u(0u, 8u, 16u, 24u), vec4u(p.N - 1u));
  var a_at = batch * p.M * p.K + m * a_step.x;
  var b_at = batch * p.K * p.N + n * b_step.x;
  var sum: array<vec4f, ROWS>;
  for (var k = 0u; k < p.K; k++) {
    let row = vec4f(b[b_at.x], b[b_at.y], b[b_at.z], b[b_at.w]);
    let low = a[a_at.x];
    let high = a[a_at.y];
    for (var i = 0u; i < 8u; i++) {
      sum[i] += subgroupShuffle(low, octet + i) * row;
      sum[i + 8u] += subgroupShuffle(high, octet + i) * row;
    }
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
