// matmul/3_subgroup
// y[b,m,n] = sum over k of A[b,m,k] * B[b,k,n],  A = a or a transposed (TA), B = b or b transposed (TB)
// a (batch, M, K) or, with TA, (batch, K, M);  b (batch, K, N) or, with TB, (batch, N, K);  y (batch, M, N)
// An octet of lanes owns a tile of 16 rows x 32 columns: a lane has all 16 rows of 4 columns.
// Over rung 2: there the eight lanes all load the same values of A. Here each loads those of 2 of the 16 rows, and the
// octet hands them round by subgroupShuffle, which moves registers and touches no memory: 64 multiply-adds take 6 loads
// instead of 24. On a CPU, where each load of a shader is a gather of 2 to 4 ns, loads are what counts.
// Right for subgroups of 8 lanes and more.
enable subgroups;
const ROWS: u32 = 16;
// #include "matmul/0_tile.wgsl": Params, the bindings, where a tile lies, load(), store()

@compute @workgroup_size(WG)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u,
  @builtin(subgroup_invocation_id) sub: u32) {
  let tile = tile_at(flat(id, groups) / 8u, sub % 8u);
  let octet = sub - sub % 8u;
  let m = min(tile.m + sub % 8u + vec2u(0u, 8u), vec2u(p.M - 1u));
  var a_at = tile.batch * p.M * p.K + m * a_step().x;
  var b_at = columns_at(tile);
  var sum: array<vec4f, ROWS>;
  for (var k = 0u; k < p.K; k++) {
    let row = load(b_at);
    let low = a[a_at.x];
    let high = a[a_at.y];
    for (var i = 0u; i < 8u; i++) {
      sum[i] += subgroupShuffle(low, octet + i) * row;
      sum[i + 8u] += subgroupShuffle(high, octet + i) * row;
    }
    a_at += a_step().y;
    b_at += b_step().y;
  }
  store(&sum, tile);
}
