// attention/pick    A[n,l] = M[n,channel[n],l], NaN where that is no channel: C or more
// M (N,C,L), channel (N), A (N,L).   One invocation an element of A.
@group(0) @binding(0) var<storage, read> M: array<f32>;
@group(0) @binding(1) var<storage, read> channel: array<u32>;
@group(0) @binding(2) var<storage, read_write> A: array<f32>;
@group(0) @binding(3) var<uniform> p: Params;
// #include "lib/nan.wgsl": nan_if()
// #include "attention/0_shared.wgsl": Params; main() calls element() for each place of a map

fn element(i: u32) {
  let n = i / p.L;
  let c = min(channel[n], p.C - 1u);
  A[i] = nan_if(channel[n] >= p.C, M[(n * p.C + c) * p.L + i % p.L]);
}
