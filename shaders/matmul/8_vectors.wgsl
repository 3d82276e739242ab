// matmul/8_vectors
// y[b,m,n] = sum over k of A[b,m,k] * B[b,k,n],  A = a or a transposed (TA), B = b or b transposed (TB)
// a (batch, M, K) or, with TA, (batch, K, M);  b (batch, K, N) or, with TB, (batch, N, K);  y (batch, M, N)
// K and N are multiples of 4, and M is with TA. An octet of lanes owns a tile of 32 rows x 32 columns: a lane has all
// 32 rows of 4 neighbouring columns, and walks k four at a time.
// Over rung 3: all loads and stores are of vec4s. On a CPU such a load takes as long as 2.5 single ones, so 512
// multiply-adds take the time of 20 loads instead of 48. And a loop's variables are written under a mask on a CPU, so a
// sum that is touched once for four products costs less than one that is touched four times.
// Right for subgroups of 8 lanes and more.
enable subgroups;
const WG: u32 = 8;
const ROWS: u32 = 32;
const COLUMNS: u32 = 32;
const TA: u32 = 0;
const TB: u32 = 0;
struct Params { batch: u32, M: u32, N: u32, K: u32 }
@group(0) @binding(0) var<storage, read> a: array<vec4f>;
@group(0) @binding(1) var<storage, read> b: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> y: array<vec4f>;
@group(0) @binding(3) var<uniform> p: Params;
// #include "lib/rolled.wgsl": after(), the next number of a loop that is not to be unrolled

// What the octet has of A, four k of 32 rows. Without TA: of rows lane, 8 + lane, 16 + lane and 24 + lane, four k each.
// With TA: of four k, rows 4 lane to 4 lane + 3 each.
alias Left = array<vec4f, 4>;

// Row number `row` of the octet's part of A: four k.
fn row_of(left: ptr<function, Left>, row: u32) -> vec4f {
  if (TA == 0u) { return subgroupShuffle((*left)[row / 8u], row % 8u); }
  let i = row % 4u;
  return subgroupShuffle(vec4f((*left)[0][i], (*left)[1][i], (*left)[2][i], (*left)[3][i]), row / 4u);
}

fn add(first: u32, sum: ptr<function, array<vec4f, ROWS>>, left: ptr<function, Left>, right: mat4x4f) {
  for (var i = 0u; i < 8u; i++) { (*sum)[first + i] += right * row_of(left, first + i); }
}

@compute @workgroup_size(WG)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32) {
  let number = group.x + group.y * groups.x;
  let tiles_m = (p.M + ROWS - 1u) / ROWS;
  let tiles_n = (p.N + COLUMNS - 1u) / COLUMNS;
  let batch = number / (tiles_m * tiles_n);
  if (batch >= p.batch) { return; }
  let m0 = number / tiles_n % tiles_m * ROWS;
  let own_n = number % tiles_n * COLUMNS + 4u * lane;
  let n = min(own_n, p.N - 4u); // past the end: the last again, not written
  var a_at: vec4u;
  var b_at: vec4u;
  for (var i = 0u; i < 4u; i++) {
    a_at[i] = select(min(m0 + 8u * i + lane, p.M - 1u) * p.K, i * p.M + min(m0 + 4u * lane, p.M - 4u), TA == 1u);
    b_at[i] = select(i * p.N + n, (n + i) * p.K, TB == 1u);
  }
  a_at = (batch * p.M * p.K + a_at) / 4u;
  b_at = (batch * p.K * p.N + b_at) / 4u;
  var sum: array<vec4f, ROWS>;
  for (var k = 0u; k < p.K; k += 4u) {
    var left = Left(a[a_at.x], a[a_at.y], a[a_at.z], a[a_at.w]);
    var right = mat4x4f(b[b_at.x], b[b_at.y], b[b_at.z], b[b_at.w]);
    if (TB == 1u) { right = transpose(right); }
    a_at += select(1u, p.M, TA == 1u);
    b_at += select(p.N, 1u, TB == 1u);
    // Not a loop: a CPU's compiler keeps arrays in registers only if all loops over them are unrolled.
    add(0u, &sum, &left, right);
    add(8u, &sum, &left, right);
    add(16u, &sum, &left, right);
    add(24u, &sum, &left, right);
  }
  if (own_n >= p.N) { return; }
  var done = sum;
  for (var i = 0u; i < min(ROWS, p.M - m0); i = after(i)) { y[((batch * p.M + m0 + i) * p.N + n) / 4u] = done[i]; }
}
