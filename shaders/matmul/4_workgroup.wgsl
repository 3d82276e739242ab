// matmul/4_workgroup
// y[b,m,n] = sum over k of A[b,m,k] * B[b,k,n],  A = a or a transposed (TA), B = b or b transposed (TB)
// a (batch, M, K) or, with TA, (batch, K, M);  b (batch, K, N) or, with TB, (batch, N, K);  y (batch, M, N)
// A workgroup owns a tile of 64 x 64.
// Over rung 3: a number is loaded from memory once for 64 products instead of 16 or 32, and neighbouring lanes load
// neighbouring numbers whichever side is transposed. For GPUs, whose workgroup memory is a fast memory of its own. A
// CPU has none, and barriers cost it dearly.
const WG: u32 = 256;
// #include "matmul/0_strides.wgsl": Params, the bindings, a_step() and b_step()
// #include "lib/tile.wgsl": left, right and multiply(), a product of 64 x 64 in workgroup memory

@compute @workgroup_size(WG)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let m0 = group.y * 64u;
  let n0 = group.x * 64u;
  // What this lane loads: four rows of A and four columns of B at one k each. Neighbours differ along the axis that
  // lies in one piece.
  let fast = lane % 16u;
  let slow = lane / 16u;
  let a_k = select(fast, slow, p.TA == 1u);
  let a_quad = select(slow, fast, p.TA == 1u);
  let b_k = select(slow, fast, p.TB == 1u);
  let b_quad = select(fast, slow, p.TB == 1u);
  // Past the end: the last again, not written.
  let a0 = group.z * p.M * p.K + min(m0 + 4u * a_quad + QUAD, vec4u(p.M - 1u)) * a_step().x;
  let b0 = group.z * p.K * p.N + min(n0 + 4u * b_quad + QUAD, vec4u(p.N - 1u)) * b_step().x;

  var sum: array<vec4f, 4>;
  for (var k0 = 0u; k0 < p.K; k0 += DEPTH) {
    let a_at = a0 + min(k0 + a_k, p.K - 1u) * a_step().y;
    let b_at = b0 + min(k0 + b_k, p.K - 1u) * b_step().y;
    let rows = vec4f(a[a_at.x], a[a_at.y], a[a_at.z], a[a_at.w]);
    let columns = vec4f(b[b_at.x], b[b_at.y], b[b_at.z], b[b_at.w]);
    left[a_k * PITCH + a_quad] = Stored(select(vec4f(), rows, k0 + a_k < p.K));
    right[b_k * PITCH + b_quad] = Stored(select(vec4f(), columns, k0 + b_k < p.K));
    workgroupBarrier();
    multiply(&sum, lane);
    workgroupBarrier();
  }

  let n = n0 + 4u * fast;
  for (var i = 0u; i < 4u; i++) {
    let m = m0 + 4u * slow + i;
    for (var j = 0u; j < 4u; j++) {
      if (m < p.M && n + j < p.N) { y[(group.z * p.M + m) * p.N + n + j] = sum[i][j]; }
    }
  }
}
