// winograd/weights_backward    dw[k,c] = Gt du[:,k,c] G: the transpose of winograd/weights
// du (16,K,C), dw (K,C,3,3).   One invocation a filter.
// #include "lib/winograd.wgsl": the matrices, Params
@group(0) @binding(0) var<storage, read> du: array<f32>;
@group(0) @binding(1) var<storage, read_write> dw: array<f32>;
@group(0) @binding(2) var<uniform> p: Params;
// #include "lib/each.wgsl": main() calls element() for each of the elements()

// Gt times a column of four.
fn gather(v: vec4f) -> vec3f { return vec3f(v.x + 0.5 * (v.y + v.z), 0.5 * (v.y - v.z), 0.5 * (v.y + v.z) + v.w); }

fn elements() -> u32 { return p.K * p.C; }

fn element(f: u32) {
  let step = p.K * p.C;
  var columns: array<vec3f, 4>;
  for (var j = 0u; j < 4u; j++) {
    let at = j * step + f;
    columns[j] = gather(vec4f(du[at], du[at + 4u * step], du[at + 8u * step], du[at + 12u * step]));
  }
  for (var r = 0u; r < 3u; r++) {
    let row = gather(vec4f(columns[0][r], columns[1][r], columns[2][r], columns[3][r]));
    for (var s = 0u; s < 3u; s++) { dw[9u * f + 3u * r + s] = row[s]; }
  }
}
