// conv2d/forward/9_two_by_two
// y[n,k] = sum over c of m(w[k,c]) * x[n,c],  x and y of 2x2 pixels as vec4s, m a filter as a 4x4 matrix
// x (N,C,2,2), w (K,C,3,3), y (N,K,2,2).   3x3 filters of stride 1 and padding 1 on maps of 2x2, C a multiple of 4.
// An octet of lanes owns 8 channels of 8 images: a lane all images of one channel.
// Over rung 3: weights are loaded once for each eight images, as vec4s, and 16 products of 36 are computed: the others
// meet the padding. Right for subgroups of 8 lanes and more.
enable subgroups;
alias Vector = vec4f;
alias Weight = vec4f;
alias Result = vec4f;
// #include "conv2d/forward/0_vectors.wgsl": the bindings; epilogue(), what is done to a finished sum
// #include "lib/rolled.wgsl": after(), the next number of a loop that is not to be unrolled
// #include "conv2d/0_two_by_two.wgsl": Params, filters as matrices

fn add(sum: ptr<function, array<vec4f, 8>>, m: mat4x4f, v: vec4f) {
  for (var i = 0u; i < 8u; i++) { (*sum)[i] += m * subgroupShuffle(v, i); }
}

@compute @workgroup_size(WG)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let k = group.x * 8u + lane;
  let n0 = group.y * 8u;
  var w_at = min(k, p.K - 1u) * p.C * 9u / 4u;
  var x_at = min(n0 + lane, p.N - 1u) * p.C;
  var sum: array<vec4f, 8>; // an image each
  for (var c = 0u; c < p.C; c += 4u) {
    var filters: Filters;
    for (var i = 0u; i < 9u; i++) { filters[i] = w[w_at + i]; }
    add(&sum, matrix(&filters, 0u), x[x_at]);
    add(&sum, matrix(&filters, 1u), x[x_at + 1u]);
    add(&sum, matrix(&filters, 2u), x[x_at + 2u]);
    add(&sum, matrix(&filters, 3u), x[x_at + 3u]);
    w_at += 9u;
    x_at += 4u;
  }
  if (k >= p.K) { return; }
  var done = sum;
  for (var i = 0u; i < min(8u, p.N - n0); i = after(i)) {
    let o = (n0 + i) * p.K + k;
    let s = done[i];
    y[o] = vec4f(epilogue(s.x, k, 4u * o), epilogue(s.y, k, 4u * o + 1u), epilogue(s.z, k, 4u * o + 2u),
      epilogue(s.w, k, 4u * o + 3u));
  }
}
