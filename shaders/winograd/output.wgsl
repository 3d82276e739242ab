// winograd/output    y[n,k] under tile t = At m[:,k,t] A, and what a convolution does to finished sums
// m (16,K,T), y (N,K,OH,OW).   One invocation a tile of 2x2: neighbours have neighbouring tiles.
// #include "lib/winograd.wgsl": the matrices, Params, tiles(), place_of() a tile
@group(0) @binding(0) var<storage, read> m: array<f32>;
@group(0) @binding(1) var<storage, read> mean: array<f32>;
@group(0) @binding(2) var<storage, read> variance: array<f32>;
@group(0) @binding(3) var<storage, read> gamma: array<f32>;
@group(0) @binding(4) var<storage, read> beta: array<f32>;
@group(0) @binding(5) var<storage, read> residual: array<f32>;
@group(0) @binding(6) var<storage, read_write> y: array<f32>;
@group(0) @binding(7) var<uniform> p: Params;
// #include "lib/conv_epilogue.wgsl": epilogue(), for bias or batch norm, shortcut and ReLU
// #include "lib/each.wgsl": main() calls element() for each of the elements()

fn elements() -> u32 { return p.K * tiles(); }

fn element(f: u32) {
  let k = f / tiles();
  let tile = place_of(f % tiles());
  let step = p.K * tiles();
  var rows: array<vec4f, 4>;
  for (var i = 0u; i < 4u; i++) {
    let at = 4u * i * step + f;
    rows[i] = vec4f(m[at], m[at + step], m[at + 2u * step], m[at + 3u * step]);
  }
  let down = array<vec4f, 2>(rows[0] + rows[1] + rows[2], rows[1] - rows[2] - rows[3]);
  for (var a = 0u; a < 2u; a++) {
    let oh = tile.y + a;
    let ow = tile.z;
    let d = down[a];
    let o = ((tile.x * p.K + k) * p.OH + oh) * p.OW + ow;
    if (oh < p.OH) {
      y[o] = epilogue(d.x + d.y + d.z, k, o);
      if (ow + 1u < p.OW) { y[o + 1u] = epilogue(d.y - d.z - d.w, k, o + 1u); }
    }
  }
}
