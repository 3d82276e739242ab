// winograd/output_backward/1_naive    dm[i,k,t] = (A dy At)[i],  dy the 2x2 outputs under tile t, zero past the edge:
// the transpose of winograd/output
// dy (N,K,OH,OW), dm (16,K,T).   One invocation a tile.
// #include "lib/winograd.wgsl": the matrices, Params, tiles(), place_of() a tile
@group(0) @binding(0) var<storage, read> dy: array<f32>;
@group(0) @binding(1) var<storage, read_write> dm: array<f32>;
@group(0) @binding(2) var<uniform> p: Params;
// #include "lib/each.wgsl": main() calls element() for each of the elements()

fn spread(a: f32, b: f32) -> vec4f { return vec4f(a, a + b, a - b, -b); }

fn elements() -> u32 { return p.K * tiles(); }

fn element(f: u32) {
  let tile = place_of(f % tiles());
  let o = ((tile.x * p.K + f / tiles()) * p.OH + tile.y) * p.OW + tile.z;
  let right = tile.z + 1u < p.OW;
  let below = tile.y + 1u < p.OH;
  var d = vec4f(dy[o], 0.0, 0.0, 0.0);
  if (right) { d.y = dy[o + 1u]; }
  if (below) { d.z = dy[o + p.OW]; }
  if (right && below) { d.w = dy[o + p.OW + 1u]; }
  let first = spread(d.x, d.z); // A times each column
  let second = spread(d.y, d.w);
  for (var i = 0u; i < 4u; i++) {
    let row = spread(first[i], second[i]);
    for (var j = 0u; j < 4u; j++) { dm[(4u * i + j) * p.K * tiles() + f] = row[j]; }
  }
}
