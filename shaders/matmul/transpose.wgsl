// matmul/transpose    y[b,k,n] = x[b,n,k]
// x (B,N,K), y (B,K,N).   One invocation a run of 16 elements, one cache line, of a row of x; neighbours have
// neighbouring rows and so write neighbouring elements.
const RUN: u32 = 16;
struct Params { B: u32, N: u32, K: u32 }
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@group(0) @binding(2) var<uniform> p: Params;
// #include "lib/each.wgsl": main() calls element() for each of the elements()

fn runs() -> u32 { return (p.K + RUN - 1u) / RUN; } // in a row
fn elements() -> u32 { return p.B * runs() * p.N; }

fn element(i: u32) {
  let n = i % p.N;
  let first = i / p.N % runs() * RUN;
  let b = i / (p.N * runs());
  for (var k = first; k < min(first + RUN, p.K); k++) { y[(b * p.K + k) * p.N + n] = x[(b * p.N + n) * p.K + k]; }
}
