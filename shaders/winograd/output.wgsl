// winograd/output    y[n,k] under tile t = At m[:,k,t] A, and what a convolution does to finished sums
// (lib/conv_epilogue.wgsl) m (16,K,T), y (N,K,OH,OW).   One invocation a tile of 2x2: neighbours have neighbouring
// tiles.
const WG: u32 = 64;
// #include "lib/winograd.wgsl"
@group(0) @binding(0) var<storage, read> m: array<f32>;
@group(0) @binding(1) var<storage, read> mean: array<f32>;
@group(0) @binding(2) var<storage, read> variance: array<f32>;
@group(0) @binding(3) var<storage, read> gamma: array<f32>;
@group(0) @binding(4) var<storage, read> beta: array<f32>;
@group(0) @binding(5) var<storage, read> residual: array<f32>;
@group(0) @binding(6) var<storage, read_write> y: array<f32>;
@group(0) @binding(7) var<uniform> p: Params;
// #include "lib/conv_epilogue.wgsl"
// #include "lib/flat.wgsl"

@compute @workgroup_size(WG)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let tiles = p.N * p.TH * p.TW;
  let f = flat(id, groups);
  if (f >= p.K * tiles) { return; }
  let t = f % tiles;
  let k = f / tiles;
  let step = p.K * tiles;
  var rows: array<vec4f, 4>;
  for (var i = 0u; i < 4u; i++) { rows[i] = vec4f(m[4u * i * step + f], m[(4u * i + 1u) * step + f], m[(4u * i + 2u) * step + f], m[(4u * i + 3u) * step + f]); }
  let down = array<vec4f, 2>(rows[0] + rows[1] + rows[2], rows[1] - rows[2] - rows[3]);
  for (var a = 0u; a < 2u; a++) {
    let oh = t / p.TW % p.TH * 2u + a;
    let d = down[a];
    let ow = t % p.TW * 2u;
    let o = ((t / (p.TH * p.TW) * p.K + k) * p.OH + oh) * p.OW + ow;
    if (oh < p.OH) {
      y[o] = epilogue(d.x + d.y + d.z, k, o);
      if (ow + 1u < p.OW) { y[o + 1u] = epilogue(d.y - d.z - d.w, k, o + 1u); }
    }
  }
}
