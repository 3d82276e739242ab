// winograd/output_backward/2_quads    dm[i,k,t] = (A dy At)[i],  dy the 2x2 outputs under tile t, zero past the edge:
// the transpose of winograd/output
// dy (N,K,OH,OW) with OW a multiple of 8, dm (16,K,T).   One invocation four tiles of a row.
// Over rung 1: vec4s are loaded and stored, so an address is worked out and checked once for four numbers.
// #include "lib/winograd.wgsl": the matrices, Params, tiles(), place_of() a tile
@group(0) @binding(0) var<storage, read> dy: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> dm: array<vec4f>;
@group(0) @binding(2) var<uniform> p: Params;
// #include "lib/each.wgsl": main() calls element() for each of the elements()

fn spread(a: vec4f, b: vec4f) -> array<vec4f, 4> { return array<vec4f, 4>(a, a + b, a - b, -b); }

fn elements() -> u32 { return p.K * tiles() / 4u; }

fn element(f: u32) {
  let quads = p.TW / 4u;
  let row = f / quads; // of tiles, counted through all channels
  let plane = row / p.TH; // k * N + n
  let k = plane / p.N;
  let oh = 2u * (row - plane * p.TH);
  let at = (((plane - k * p.N) * p.K + k) * p.OH + oh) * (p.OW / 4u) + 2u * (f - row * quads);
  let below = oh + 1u < p.OH;
  let next = select(at, at + p.OW / 4u, below);
  let a = dy[at];
  let b = dy[at + 1u];
  let c = select(vec4f(), dy[next], below);
  let d = select(vec4f(), dy[next + 1u], below);
  let left = spread(vec4f(a.xz, b.xz), vec4f(c.xz, d.xz)); // A times each column, for four tiles
  let right = spread(vec4f(a.yw, b.yw), vec4f(c.yw, d.yw));
  let step = p.K * tiles() / 4u;
  for (var i = 0u; i < 4u; i++) {
    let numbers = spread(left[i], right[i]);
    for (var j = 0u; j < 4u; j++) { dm[f + (4u * i + j) * step] = numbers[j]; }
  }
}
