// conv2d/backward_input/10_two_by_two
// dx[n,c] = sum over k of dy[n,k] * m(w[k,c]),  dx and dy of 2x2 pixels as vec4s, m a filter as a 4x4 matrix
// dy (N,K,2,2), w (K,C,3,3), dx (N,C,2,2).   3x3 filters of stride 1 and padding 1 on maps of 2x2, C a multiple of 4.
// An octet of lanes owns 32 channels of 8 images: a lane all images of 4 neighbouring channels, whose filters are nine
// vec4s.
// Over rung 3: weights are loaded once for each eight images, as vec4s, and 16 products of 36 are computed: the others
// meet the padding. Right for subgroups of 8 lanes and more.
enable subgroups;
alias Element = vec4f;
alias Vector = vec4f;
alias Weight = vec4f;
// #include "conv2d/backward_input/0_vectors.wgsl": the bindings; put(), which stores into dx
// #include "lib/rolled.wgsl": after(), the next number of a loop that is not to be unrolled
// #include "conv2d/0_two_by_two.wgsl": Params, filters as matrices

fn add(first: u32, sum: ptr<function, array<vec4f, 32>>, m: mat4x4f, v: vec4f) {
  for (var i = 0u; i < 8u; i++) { (*sum)[first + i] += subgroupShuffle(v, i) * m; }
}

@compute @workgroup_size(WG)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let c = (group.x * 8u + lane) * 4u;
  let n0 = group.y * 8u;
  var w_at = min(c, p.C - 4u) * 9u / 4u;
  var dy_at = min(n0 + lane, p.N - 1u) * p.K;
  var sum: array<vec4f, 32>; // image 0 to 7 of the first channel, of the second, ...
  for (var k = 0u; k < p.K; k++) {
    var filters: Filters;
    for (var i = 0u; i < 9u; i++) { filters[i] = w[w_at + i]; }
    let mine = dy[dy_at];
    add(0u, &sum, matrix(&filters, 0u), mine);
    add(8u, &sum, matrix(&filters, 1u), mine);
    add(16u, &sum, matrix(&filters, 2u), mine);
    add(24u, &sum, matrix(&filters, 3u), mine);
    w_at += p.C * 9u / 4u;
    dy_at++;
  }
  if (c >= p.C) { return; }
  var done = sum;
  for (var i = 0u; i < 32u; i = after(i)) {
    if (n0 + i % 8u < p.N) { put((n0 + i % 8u) * p.C + c + i / 8u, done[i]); }
  }
}
