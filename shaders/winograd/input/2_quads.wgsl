// winograd/input/2_quads    v[i,c,t] = (Bt d B)[i],  d the 4x4 patch of x[n,c] under tile t, zero in the padding
// x (N,C,H,W) with W a multiple of 8, and padding 1; v (16,C,T).   One invocation four tiles of a row.
// Over rung 1: vec4s are loaded and stored, so an address is worked out and checked once for four numbers; and the four
// tiles share the columns where their patches overlap: they move 32 vec4 instead of 128 numbers.
// #include "lib/winograd.wgsl": the matrices, Params, tiles(), place_of() a tile
@group(0) @binding(0) var<storage, read> x: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> v: array<vec4f>;
@group(0) @binding(2) var<uniform> p: Params;
// #include "lib/each.wgsl": main() calls element() for each of the elements()

fn elements() -> u32 { return p.C * tiles() / 4u; }

fn element(f: u32) {
  let quads = p.TW / 4u;
  let row = f / quads; // of tiles, counted through all channels
  let plane = row / p.TH; // c * N + n
  let c = plane / p.N;
  let at = 2u * (f - row * quads);
  let top = i32(2u * (row - plane * p.TH)) - 1;
  let base = ((plane - c * p.N) * p.C + c) * p.H;
  var rows: array<array<vec4f, 4>, 4>; // of d B: each number for four tiles
  for (var r = 0; r < 4; r++) {
    let h = u32(top + r); // above the image: huge
    let inside = h < p.H;
    let i = select(0u, (base + h) * (p.W / 4u), inside) + at;
    let a = select(0.0, x[max(i, 1u) - 1u].w, inside && at > 0u);
    let b = select(vec4f(), x[i], inside);
    let c = select(vec4f(), x[i + 1u], inside);
    let d = select(0.0, x[i + 2u].x, inside && at + 2u < p.W / 4u);
    let first = vec4f(a, b.y, b.w, c.y);
    let second = vec4f(b.xz, c.xz);
    let third = vec4f(b.yw, c.yw);
    let fourth = vec4f(b.z, c.x, c.z, d);
    rows[r] = array<vec4f, 4>(first - third, second + third, third - second, second - fourth);
  }
  let step = p.C * tiles() / 4u;
  for (var j = 0u; j < 4u; j++) {
    v[f + j * step] = rows[0][j] - rows[2][j];
    v[f + (4u + j) * step] = rows[1][j] + rows[2][j];
    v[f + (8u + j) * step] = rows[2][j] - rows[1][j];
    v[f + (12u + j) * step] = rows[1][j] - rows[3][j];
  }
}
