// matmul/5_slab
// y[b,m,n] = sum over k of A[b,m,k] * B[b,k,n],  A = a or a transposed (TA), B = b or b transposed (TB)
enable subgroups;
const ROWS: u32 = 32;
const WG: u32 = 8;
const COLUMNS: u32 = 32;
const TA: u32 = 0;
const TB: u32 = 0;
struct Params { batch: u32, M: u32, N: u32, K: u32 }
@group(0) @binding(0) var<storage, read> a: array<vec4f>;
@group(0) @binding(1) var<storage, read> b: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> y: array<vec4f>;
@group(0) @binding(3) var<uniform> p: Params;
// #include "lib/flat.wgsl": flat(), the number of an invocation

fn eight(first: u32, sum: ptr<function, array<vec4f, ROWS>>, left: ptr<function, array<vec4f, ROWS / 8u>>, row: mat4x4f) {
  for (var i = 0u; i < 8u; i++) {
    var s = (*sum)[first + i];
    if (TA == 0u) {
      let q = first / 8u;
      for (var u = 0u; u < 4u; u++) { s += subgroupShuffle((*left)[q][u], i) * row[u]; }
    } else {
      let q = first / 8u;
      for (var u = 0u; u < 4u; u++) { s += subgroupShuffle((*left)[q / 4u * 4u + u][i % 4u], q % 4u * 2u + i / 4u) * row[u]; }
    }
    (*sum)[first + i] = s;
  }
}

@compute @workgroup_size(WG)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u,
  @builtin(subgroup_invocation_id) sub: u32) {
  let number = group.x + group.y * groups.x;
  let tiles_m = (p.M + ROWS - 1u) / ROWS;
  let tiles_n = (p.N + COLUMNS - 1u) / COLUMNS;
  let batch = number / (tiles_m * tiles_n);
  if (batch >= p.batch) { return; }
  let n0 = number % tiles_n * COLUMNS;
  let m0 = number / tiles_n % tiles_m * ROWS;
  let n = min(n0 + 4u * sub, p.N - 4u);
  var a_at: array<u32, ROWS / 8u>;
  for (var i = 0u; i < ROWS / 8u; i++) {
    a_at[i] = batch * p.M * p.K + select(min(m0 + 8u * i + sub, p.M - 1u) * p.K, min(m0 + 32u * (i / 4u) + 4u * sub, p.M - 4u) + i % 4u * p.M, TA == 1u);
    a_at[i] /= 4u;
  }
  var b_at: vec4u;
  for (var j = 0u; j < 4u; j++) { b_at[j] = (batch * p.K * p.N + select(j * p.N + n, (n + j) * p.K, TB == 1u)) / 4u; }
  let a_step = select(1u, p.M, TA == 1u);
  let b_step = select(p.N, 1u, TB == 1u);
  var sum: array<vec4f, ROWS>;
  for (var k = 0u; k < p.K; k += 4u) {
    var row = mat4x4f(b[b_at.x], b[b_at.y], b[b_at.z], b[b_at.w]);
    if (TB == 1u) { row = transpose(row); }
    b_at += b_step;
    var left: array<vec4f, ROWS / 8u>;
    for (var i = 0u; i < ROWS / 8u; i++) {
      left[i] = a[a_at[i]];
      a_at[i] += a_step;
    }
    eight(0u, &sum, &left, row);
    if (ROWS > 8u) { eight(8u, &sum, &left, row); }
    if (ROWS > 16u) { eight(16u, &sum, &left, row); }
    if (ROWS > 24u) { eight(24u, &sum, &left, row); }
    if (ROWS > 32u) { eight(32u, &sum, &left, row); }
    if (ROWS > 40u) { eight(40u, &sum, &left, row); }
    if (ROWS > 48u) { eight(48u, &sum, &left, row); }
    if (ROWS > 56u) { eight(56u, &sum, &left, row); }
  }
  if (n0 + 4u * sub + 4u > p.N) { return; }
  for (var i = 0u; i < ROWS; i++) {
    if (m0 + i < p.M) { y[((batch * p.M + m0 + i) * p.N + n) / 4u] = sum[i]; }
  }
}
