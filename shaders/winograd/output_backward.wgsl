// winograd/output_backward    dm[i,k,t] = (A dy At)[i],  dy the 2x2 outputs under tile t, zero past the edge: the
// transpose of winograd/output dy (N,K,OH,OW), dm (16,K,T).   One invocation a tile.
const WG: u32 = 64;
// #include "lib/winograd.wgsl"
@group(0) @binding(0) var<storage, read> dy: array<f32>;
@group(0) @binding(1) var<storage, read_write> dm: array<f32>;
@group(0) @binding(2) var<uniform> p: Params;
// #include "lib/flat.wgsl"

fn spread(a: f32, b: f32) -> vec4f { return vec4f(a, a + b, a - b, -b); }

@compute @workgroup_size(WG)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let tiles = p.N * p.TH * p.TW;
  let f = flat(id, groups);
  if (f >= p.K * tiles) { return; }
  let t = f % tiles;
  let k = f / tiles;
  let oh = t / p.TW % p.TH * 2u;
  let ow = t % p.TW * 2u;
  let o = ((t / (p.TH * p.TW) * p.K + k) * p.OH + oh) * p.OW + ow;
  let right = ow + 1u < p.OW;
  let below = oh + 1u < p.OH;
  var d = vec4f(dy[o], 0.0, 0.0, 0.0);
  if (right) { d.y = dy[o + 1u]; }
  if (below) { d.z = dy[o + p.OW]; }
  if (right && below) { d.w = dy[o + p.OW + 1u]; }
  let first = spread(d.x, d.z); // A times each column
  let second = spread(d.y, d.w);
  for (var i = 0u; i < 4u; i++) {
    let row = spread(first[i], second[i]);
    for (var j = 0u; j < 4u; j++) { dm[(4u * i + j) * p.K * tiles + f] = row[j]; }
  }
}
