// conv2d/weight_layout/1_naive    FLIP 0: wt[c,r,s,k] = w[k,c,r,s]        FLIP 1: wt[k,r,s,c] = w[k,c,R-1-r,S-1-s]
// w (K,C,R,S).   One invocation an element of wt.
// FLIP 1 makes the input gradient of a stride-1 convolution an ordinary convolution of dy.
const WG: u32 = 64;
const FLIP: u32 = 0;
struct Params { K: u32, C: u32, R: u32, S: u32 }
@group(0) @binding(0) var<storage, read> w: array<f32>;
@group(0) @binding(1) var<storage, read_write> wt: array<f32>;
@group(0) @binding(2) var<uniform> p: Params;
// #include "lib/flat.wgsl"

@compute @workgroup_size(WG)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = flat(id, groups);
  if (i >= p.K * p.C * p.R * p.S) { return; }
  let last = select(p.K, p.C, FLIP == 1u);
  let s = i / last % p.S;
  let r = i / (last * p.S) % p.R;
  let first = i / (last * p.S * p.R);
  if (FLIP == 1u) {
    wt[i] = w[((first * p.C + i % last) * p.R + p.R - 1u - r) * p.S + p.S - 1u - s];
  } else {
    wt[i] = w[((i % last * p.C + first) * p.R + r) * p.S + s];
  }
}
