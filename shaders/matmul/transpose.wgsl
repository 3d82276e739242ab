// matmul/transpose    y[b,k,n] = x[b,n,k]
// x (B,N,K), y (B,K,N).   A lane reads a run of 16 elements, one cache line, of a row; neighbours have neighbouring
// rows and so write neighbouring elements.
const WG: u32 = 64;
const RUN: u32 = 16;
struct Params { B: u32, N: u32, K: u32 }
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@group(0) @binding(2) var<uniform> p: Params;
// #include "lib/flat.wgsl"

@compute @workgroup_size(WG)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = flat(id, groups);
  let runs = (p.K + RUN - 1u) / RUN;
  if (i >= p.B * runs * p.N) { return; }
  let n = i % p.N;
  let first = i / p.N % runs * RUN;
  let b = i / (p.N * runs);
  for (var k = first; k < min(first + RUN, p.K); k++) { y[(b * p.K + k) * p.N + n] = x[(b * p.N + n) * p.K + k]; }
}
