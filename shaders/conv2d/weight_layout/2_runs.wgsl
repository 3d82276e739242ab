// conv2d/weight_layout/2_runs    FLIP 0: wt[c,r,s,k] = w[k,c,r,s]        FLIP 1: wt[k,r,s,c] = w[k,c,R-1-r,S-1-s]
// w (K,C,R,S), also seen as (K,C*R*S).
// Over rung 1: there neighbouring lanes write neighbours but each reads from a cache line of its own, of which it uses 4 bytes. Here
// a lane goes on along its line: 16 elements of one k (FLIP 0), the taps of one k and c (FLIP 1). Every line is read once.
const WG: u32 = 64;
const FLIP: u32 = 0;
const RUN: u32 = 16; // floats of a cache line
struct Params { K: u32, C: u32, R: u32, S: u32 }
@group(0) @binding(0) var<storage, read> w: array<f32>;
@group(0) @binding(1) var<storage, read_write> wt: array<f32>;
@group(0) @binding(2) var<uniform> p: Params;
// #include "lib/flat.wgsl"

@compute @workgroup_size(WG)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = flat(id, groups);
  let taps = p.R * p.S;
  if (FLIP == 1u) {
    if (i >= p.K * p.C) { return; }
    let k = i / p.C;
    let c = i % p.C;
    for (var t = 0u; t < taps; t++) { wt[(k * taps + taps - 1u - t) * p.C + c] = w[i * taps + t]; }
  } else {
    let row = p.C * taps;
    let k = i % p.K;
    let first = i / p.K * RUN;
    for (var e = first; e < min(first + RUN, row); e++) { wt[e * p.K + k] = w[k * row + e]; }
  }
}
