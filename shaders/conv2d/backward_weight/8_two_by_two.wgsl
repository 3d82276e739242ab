// conv2d/backward_weight/8_two_by_two
// dw[k,c,r,s] = sum over n,oh,ow of dy[n,k,oh,ow] * x[n,c,ih,iw],  ih = oh - 1 + r
// x (N,C,2,2), dy (N,K,2,2), dw (K,C,3,3).   3x3 filters of stride 1 and padding 1 on maps of 2x2, in one group of up
// to 64 images; C is a multiple of 4. An octet of lanes owns 4 rows x 32 channels: a lane all rows of 4 neighbouring
// channels, whose filters are nine vec4s.
// Over rung 3: a map is loaded as one vec4, dw is stored as vec4s, and 16 products of 36 are computed: the others meet
// the padding. Right for subgroups of 8 lanes and more.
enable subgroups;
const WG: u32 = 8;
const ROWS: u32 = 4;
alias Vector = vec4f;
alias Gradient = vec4f;
alias Result = vec4f;
// #include "conv2d/backward_weight/0_vectors.wgsl": Params, the bindings, rows_of() a group

// #include "lib/rolled.wgsl": after(), the next number of a loop that is not to be unrolled
alias Sums = array<array<f32, 36>, ROWS>; // four filters a row

// Adds what a map v of x gives to the filter that begins at place t, by the map of dy of each row: lane i has row i's.
fn add(t: u32, sum: ptr<function, Sums>, mine: vec4f, v: vec4f) {
  for (var i = 0u; i < ROWS; i++) {
    let d = subgroupShuffle(mine, i);
    (*sum)[i][t] += d.w * v.x;
    (*sum)[i][t + 1u] += d.z * v.x + d.w * v.y;
    (*sum)[i][t + 2u] += d.z * v.y;
    (*sum)[i][t + 3u] += d.y * v.x + d.w * v.z;
    (*sum)[i][t + 4u] += d.x * v.x + d.y * v.y + d.z * v.z + d.w * v.w;
    (*sum)[i][t + 5u] += d.x * v.y + d.z * v.w;
    (*sum)[i][t + 6u] += d.y * v.z;
    (*sum)[i][t + 7u] += d.x * v.z + d.y * v.w;
    (*sum)[i][t + 8u] += d.x * v.w;
  }
}

@compute @workgroup_size(WG)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let c = (group.x * 8u + lane) * 4u;
  let k0 = group.y * ROWS;
  var x_at = min(c, p.C - 4u);
  var dy_at = min(k0 + lane % ROWS, p.K - 1u);
  var sum: Sums;
  for (var n = 0u; n < p.N; n++) {
    let mine = dy[dy_at];
    add(0u, &sum, mine, x[x_at]);
    add(9u, &sum, mine, x[x_at + 1u]);
    add(18u, &sum, mine, x[x_at + 2u]);
    add(27u, &sum, mine, x[x_at + 3u]);
    x_at += p.C;
    dy_at += p.K;
  }
  if (c >= p.C) { return; }
  var done = sum;
  for (var i = 0u; i < min(ROWS, p.K - k0); i = after(i)) {
    let o = ((k0 + i) * p.C + c) * 9u / 4u;
    for (var j = 0u; j < 9u; j = after(j)) {
      let t = 4u * j;
      dw[o + j] = vec4f(done[i][t], done[i][t + 1u], done[i][t + 2u], done[i][t + 3u]);
    }
  }
}
