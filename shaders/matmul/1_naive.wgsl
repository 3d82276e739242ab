// matmul/1_naive
// y[b,m,n] = sum over k of A[b,m,k] * B[b,k,n],  A = a or a transposed (TA), B = b or b transposed (TB)
// a (batch, M, K) or, with TA, (batch, K, M);  b (batch, K, N) or, with TB, (batch, N, K);  y (batch, M, N)
// One invocation an output element.
const TA: u32 = 0;
const TB: u32 = 0;
struct Params { batch: u32, M: u32, N: u32, K: u32 }
// #include "matmul/0_shared.wgsl": the bindings
// #include "lib/each.wgsl": main() calls element() for each of the elements()

fn elements() -> u32 { return p.batch * p.M * p.N; }

fn element(i: u32) {
  let n = i % p.N;
  let m = i / p.N % p.M;
  let a0 = i / (p.N * p.M) * p.M * p.K;
  let b0 = i / (p.N * p.M) * p.K * p.N;
  var sum = 0.0;
  for (var k = 0u; k < p.K; k++) {
    let ai = select(m * p.K + k, k * p.M + m, TA == 1u);
    let bi = select(k * p.N + n, n * p.K + k, TB == 1u);
    sum += a[a0 + ai] * b[b0 + bi];
  }
  y[i] = sum;
}
