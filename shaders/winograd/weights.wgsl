// winograd/weights    u[i,k,c] = (G g Gt)[i],  g = w[k,c],  i = 0 to 15 the places of a 4x4 patch
// w (K,C,3,3), u (16,K,C).   One invocation a filter.
// #include "lib/winograd.wgsl": the matrices, Params
@group(0) @binding(0) var<storage, read> w: array<f32>;
@group(0) @binding(1) var<storage, read_write> u: array<f32>;
@group(0) @binding(2) var<uniform> p: Params;
// #include "lib/each.wgsl": main() calls element() for each of the elements()

// G times a column of three.
fn spread(a: f32, b: f32, c: f32) -> vec4f { return vec4f(a, 0.5 * (a + b + c), 0.5 * (a - b + c), c); }

fn elements() -> u32 { return p.K * p.C; }

fn element(f: u32) {
  var columns: array<vec4f, 3>;
  for (var s = 0u; s < 3u; s++) { columns[s] = spread(w[9u * f + s], w[9u * f + 3u + s], w[9u * f + 6u + s]); }
  for (var i = 0u; i < 4u; i++) {
    let row = spread(columns[0][i], columns[1][i], columns[2][i]);
    for (var j = 0u; j < 4u; j++) { u[(4u * i + j) * p.K * p.C + f] = row[j]; }
  }
}
