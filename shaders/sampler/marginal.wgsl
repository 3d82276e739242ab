// sampler/marginal    ROWS 1: m[n,h] = max over w of A[n,h,w]        ROWS 0: m[n,w] = max over h of A[n,h,w]
// A (N,H,W) attention maps, m (N,H) or (N,W).   One invocation an element of m.
// What is not a number, infinite or negative counts as zero, so that a broken map cannot break the sampling.
const WG: u32 = 64;
const ROWS: u32 = 1;
struct Params { N: u32, H: u32, W: u32 }
@group(0) @binding(0) var<storage, read> A: array<f32>;
@group(0) @binding(1) var<storage, read_write> m: array<f32>;
@group(0) @binding(2) var<uniform> p: Params;
// #include "lib/finite.wgsl"
// #include "lib/flat.wgsl"

@compute @workgroup_size(WG)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = flat(id, groups);
  let own = select(p.W, p.H, ROWS == 1u);
  let other = select(p.H, p.W, ROWS == 1u);
  if (i >= p.N * own) { return; }
  let map = i / own * p.H * p.W;
  var largest = 0.0;
  for (var j = 0u; j < other; j++) {
    let at = select(j * p.W + i % own, i % own * p.W + j, ROWS == 1u);
    let v = A[map + at];
    if (is_finite(v)) { largest = max(largest, v); }
  }
  m[i] = largest;
}
