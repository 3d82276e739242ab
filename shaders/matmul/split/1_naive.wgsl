// matmul/split/1_naive
// y[part,b,m,n] = sum over the k of a part of A[b,m,k] * B[b,k,n],  A = a or a transposed (TA), B = b or b transposed
// (TB), a (batch, M, K) or, with TA, (batch, K, M);  b (batch, K, N) or, with TB, (batch, N, K);
// y (PARTS, batch, M, N): few results have long sums, so the sums are cut into parts, and there is work for more lanes.
// One invocation an element of y.
const TA: u32 = 0;
const TB: u32 = 0;
struct Params { batch: u32, M: u32, N: u32, K: u32, PARTS: u32 }
// #include "matmul/0_shared.wgsl": the bindings
// #include "matmul/0_parts.wgsl": depth_of_part()
// #include "lib/each.wgsl": main() calls element() for each of the elements()

fn elements() -> u32 { return p.PARTS * p.batch * p.M * p.N; }

fn element(i: u32) {
  let n = i % p.N;
  let m = i / p.N % p.M;
  let batch = i / (p.N * p.M) % p.batch;
  let first = i / (p.N * p.M * p.batch) * depth_of_part(p.PARTS);
  var sum = 0.0;
  for (var k = first; k < min(first + depth_of_part(p.PARTS), p.K); k++) {
    let ai = select(m * p.K + k, k * p.M + m, TA == 1u);
    let bi = select(k * p.N + n, n * p.K + k, TB == 1u);
    sum += a[batch * p.M * p.K + ai] * b[batch * p.K * p.N + bi];
  }
  y[i] = sum;
}
