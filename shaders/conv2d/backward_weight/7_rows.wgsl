// conv2d/backward_weight/7_rows
// dw[g,k,c,r,s] = sum over the rows (n,oh) of group g, and ow, of dy[n,k,oh,ow] * x[n,c,ih,iw],
// ih = oh*stride + (r - 1)*dilation
// x (N,C,H,W), dy (N,K,OH,OW), dw (G,K,C,3,3).   3x3 filters with padding = dilation up to 4 and stride 1, or with
// padding 1, stride 2 and W twice OW; OW is a multiple of 4. An octet of lanes owns 16 rows x 8 channels: a lane all
// nine taps of one channel for all rows. It walks the pixels of group g, four neighbours at a time.
// Over rung 3: a lane loads three vec4s of x, keeps those of the step before, and so has what nine taps see of four
// pixels; and dy comes as vec4s, too. 576 multiply-adds take 5 such loads, each as long as 2.5 single ones; rung 3
// has 54 single ones. Right for subgroups of 8 lanes and more.
enable subgroups;
const WG: u32 = 8;
const ROWS: u32 = 16;
const stride: i32 = 1;
alias Vector = vec4f;
alias Gradient = vec4f;
alias Result = f32;
// #include "conv2d/backward_weight/0_vectors.wgsl": Params, the bindings, rows_of() a group
// #include "lib/rolled.wgsl": after(), the next number of a loop that is not to be unrolled
// #include "conv2d/0_window.wgsl": what the taps see

// Vec4s of pixels that are added up in one float. Then that joins the total: a long sum keeps its digits.
const RUN: u32 = 16;
alias Sums = array<array<f32, 9>, ROWS>;
alias Windows = array<Window, 3>; // a row of taps each

// Vec4 `column` of row ih of channel c of image n; zero above and below the image.
fn load(n: u32, c: u32, ih: i32, column: u32) -> vec4f {
  let inside = u32(ih) < p.H;
  let row = select(0u, u32(ih), inside);
  return select(vec4f(), x[((n * p.C + c) * p.H + row) * (p.W / 4u) + column], inside);
}

// Adds the products of four pixels to eight rows of sums: lane i has dy of row first + i.
fn add(first: u32, sum: ptr<function, Sums>, mine: vec4f, seen: ptr<function, Windows>) {
  for (var i = 0u; i < 8u; i++) {
    let d = subgroupShuffle(mine, i);
    for (var r = 0u; r < 3u; r++) {
      for (var s = 0u; s < 3u; s++) {
        let v = d * (*seen)[r][s];
        (*sum)[first + i][3u * r + s] += v.x + v.y + v.z + v.w;
      }
    }
  }
}

fn add_to_total(first: u32, total: ptr<function, Sums>, sum: ptr<function, Sums>) {
  for (var i = 0u; i < 8u; i++) {
    for (var j = 0u; j < 9u; j++) {
      (*total)[first + i][j] += (*sum)[first + i][j];
      (*sum)[first + i][j] = 0.0;
    }
  }
}

@compute @workgroup_size(WG)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let across = (p.C + 7u) / 8u;
  let k0 = group.x / across * ROWS;
  let own_c = group.x % across * 8u + lane;
  let c = min(own_c, p.C - 1u); // past the end: the last again, not written
  let g = group.y;
  let width = p.OW / 4u;
  let rows = rows_of(g);
  let row = rows.x;
  let end = rows.y * width;
  var n = row / p.OH;
  var oh = i32(row % p.OH);
  var column = 0u;
  var total: Sums;
  var sum: Sums;
  var before: array<vec4f, 3>;
  var now: array<vec4f, 3>;
  if (stride == 1) {
    for (var r = 0; r < 3; r++) { now[r] = load(n, c, oh + (r - 1) * p.dilation, 0u); }
  }
  for (var t = row * width; t < end;) {
    let stop = min(t + RUN, end);
    while (t < stop) {
      // Past K it reads dy for sums that are never written (WebGPU bounds every access).
      let dy_at = ((n * p.K + k0 + lane) * p.OH + u32(oh)) * width + column;
      var mine: array<vec4f, ROWS / 8u>;
      for (var i = 0u; i < ROWS / 8u; i++) { mine[i] = dy[dy_at + 8u * i * p.OH * width]; }
      let left = column > 0u;
      var seen: Windows;
      if (stride == 2) {
        for (var r = 0; r < 3; r++) {
          let a = load(n, c, 2 * oh - 1 + r, 2u * column);
          let b = load(n, c, 2 * oh - 1 + r, 2u * column + 1u);
          seen[r] = window_of_two(select(0.0, before[r].w, left), a, b);
          before[r] = b;
        }
      }
      t++;
      column++;
      if (column == width) {
        column = 0u;
        oh++;
        if (oh == i32(p.OH)) {
          oh = 0;
          n++;
        }
      }
      if (stride == 1) {
        for (var r = 0; r < 3; r++) {
          let next = load(n, c, oh + (r - 1) * p.dilation, column);
          let after = select(vec4f(), next, column > 0u);
          seen[r] = window(select(vec4f(), before[r], left), now[r], after, p.dilation);
          before[r] = now[r];
          now[r] = next;
        }
      }
      // Not a loop: a CPU's compiler keeps arrays in registers only if all loops over them are unrolled.
      add(0u, &sum, mine[0], &seen);
      if (ROWS > 8u) { add(8u, &sum, mine[min(1u, ROWS / 8u - 1u)], &seen); }
      if (ROWS > 16u) { add(16u, &sum, mine[min(2u, ROWS / 8u - 1u)], &seen); }
    }
    add_to_total(0u, &total, &sum);
    if (ROWS > 8u) { add_to_total(8u, &total, &sum); }
    if (ROWS > 16u) { add_to_total(16u, &total, &sum); }
  }
  if (own_c >= p.C) { return; }
  var done = total;
  for (var i = 0u; i < min(ROWS, p.K - k0); i = after(i)) {
    let out = ((g * p.K + k0 + i) * p.C + own_c) * 9u;
    for (var j = 0u; j < 9u; j = after(j)) { dw[out + j] = done[i][j]; }
  }
}
