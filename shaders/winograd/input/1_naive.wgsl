// winograd/input/1_naive    v[i,c,t] = (Bt d B)[i],  d the 4x4 patch of x[n,c] under tile t, zero in the padding
// x (N,C,H,W), v (16,C,T).   One invocation a patch: neighbours have neighbouring tiles.
// #include "lib/winograd.wgsl": the matrices, Params, tiles(), place_of() a tile
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> v: array<f32>;
@group(0) @binding(2) var<uniform> p: Params;
// #include "lib/each.wgsl": main() calls element() for each of the elements()

fn bt(d: vec4f) -> vec4f { return vec4f(d.x - d.z, d.y + d.z, d.z - d.y, d.y - d.w); }

fn elements() -> u32 { return p.C * tiles(); }

fn element(f: u32) {
  let c = f / tiles();
  let tile = place_of(f % tiles());
  let h0 = i32(tile.y) - p.pad;
  let base = (tile.x * p.C + c) * p.H * p.W;
  // Negative columns become huge, so one comparison finds both ends.
  let iw = vec4u(i32(tile.z) - p.pad + vec4i(0, 1, 2, 3));
  var rows: array<vec4f, 4>;
  for (var r = 0u; r < 4u; r++) {
    let ih = u32(h0 + i32(r));
    let inside = (iw < vec4u(p.W)) & vec4<bool>(ih < p.H);
    let at = select(vec4u(), base + ih * p.W + iw, inside);
    rows[r] = select(vec4f(), vec4f(x[at.x], x[at.y], x[at.z], x[at.w]), inside);
  }
  let down = array<vec4f, 4>(rows[0] - rows[2], rows[1] + rows[2], rows[2] - rows[1], rows[1] - rows[3]);
  for (var i = 0u; i < 4u; i++) {
    let row = bt(down[i]);
    for (var j = 0u; j < 4u; j++) { v[(4u * i + j) * p.C * tiles() + f] = row[j]; }
  }
}
