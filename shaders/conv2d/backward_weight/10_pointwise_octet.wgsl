// conv2d/backward_weight/10_pointwise_octet
// dw[g,k,c] = sum over the pixels i of the rows (n,oh) of group g, of dy[n,k,i] * x[n,c,i]
// x (N,C,H,W), dy (N,K,H,W), dw (G,K,C,1,1).   1x1 filters of stride 1; H*W, and the pixels of a group, multiples of
// 4. An octet of lanes owns ROWS channels of dy x 8 of x: a lane one of x for all of dy. It walks the pixels of group
// g, eight at a time.
// Over rung 3: loads of whole vec4s. Right for subgroups of 8 lanes and more.
enable subgroups;
const WG: u32 = 8;
const ROWS: u32 = 16;
alias Vector = vec4f;
alias Gradient = vec4f;
alias Result = f32;
// #include "conv2d/backward_weight/0_vectors.wgsl": Params, the bindings, rows_of() a group
// #include "lib/rolled.wgsl": after(), the next number of a loop that is not to be unrolled

// Turns of the inner loop that are added up in one float. Then that joins the total: a long sum keeps its digits.
const RUN: u32 = 8;
alias Sums = array<f32, ROWS>;

fn dots(first: u32, sum: ptr<function, Sums>, a: vec4f, b: vec4f, x_a: vec4f, x_b: vec4f) {
  for (var i = 0u; i < 8u; i++) {
    let v = subgroupShuffle(a, i) * x_a + subgroupShuffle(b, i) * x_b;
    (*sum)[first + i] += v.x + v.y + v.z + v.w;
  }
}

@compute @workgroup_size(WG)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let across = (p.C + 7u) / 8u;
  let k0 = group.x / across * ROWS;
  let own_c = group.x % across * 8u + lane;
  let c = min(own_c, p.C - 1u); // past the end: the last again, not written
  let rows = rows_of(group.y);
  let plane = p.OH * p.OW / 4u;
  var total: Sums;
  for (var row = rows.x; row < rows.y;) {
    let n = row / p.OH;
    let next = min(rows.y, (n + 1u) * p.OH);
    var i = (row - n * p.OH) * p.OW / 4u;
    let end = (next - n * p.OH) * p.OW / 4u;
    // Past K it reads dy for sums that are never written (WebGPU bounds every access).
    let x_at = (n * p.C + c) * plane;
    let dy_at = (n * p.K + k0 + lane) * plane;
    while (i < end) {
      let stop = min(i + 2u * RUN, end);
      var sum = Sums();
      while (i < stop) {
        let two = i + 1u < stop;
        let j = select(i, i + 1u, two);
        let x_a = x[x_at + i];
        let x_b = select(vec4f(), x[x_at + j], two);
        for (var k = 0u; k < ROWS; k += 8u) {
          let b = select(vec4f(), dy[dy_at + k * plane + j], two); // not 0 times what may be infinite
          dots(k, &sum, dy[dy_at + k * plane + i], b, x_a, x_b);
        }
        i += 2u;
      }
      for (var k = 0u; k < ROWS; k++) { total[k] += sum[k]; }
      i = stop;
    }
    row = next;
  }
  if (own_c >= p.C) { return; }
  var done = total;
  for (var k = 0u; k < min(ROWS, p.K - k0); k = after(k)) {
    dw[(group.y * p.K + k0 + k) * p.C + own_c] = done[k];
  }
}
