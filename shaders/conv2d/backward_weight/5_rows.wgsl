// conv2d/backward_weight/5_rows
enable subgroups;
const ROWS: u32 = 16;
const WG: u32 = 8;
const stride: i32 = 1;
struct Params { N: u32, C: u32, H: u32, W: u32, K: u32, OH: u32, OW: u32, dilation: i32, G: u32 }
@group(0) @binding(0) var<storage, read> x: array<vec4f>;
@group(0) @binding(1) var<storage, read> dy: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> dw: array<f32>;
@group(0) @binding(3) var<uniform> p: Params;

const RUN: u32 = 16;
alias Taps = array<array<f32, 9>, ROWS>;
// What the nine taps see for four pixels of dy.
alias Windows = array<array<vec4f, 3>, 3>;

// Vec4 number `column` of row ih of channel c of image n; zero above and below the image.
fn load(n: u32, c: u32, ih: i32, column: u32) -> vec4f {
  let inside = u32(ih) < p.H;
  let row = select(0u, u32(ih), inside);
  return select(vec4f(), x[((n * p.C + c) * p.H + row) * (p.W / 4u) + column], inside);
}

// Four neighbours of the eight in a and b, that begin `by` before b.
fn moved(a: vec4f, b: vec4f, by: i32) -> vec4f {
  let odd = select(vec4f(a.w, b.xyz), vec4f(a.yzw, b.x), by == 3);
  let even = select(vec4f(a.zw, b.xy), select(a, b, by == 0), (by & 3) == 0);
  return select(even, odd, (by & 1) == 1);
}

fn eight(first: u32, sum: ptr<function, Taps>, dy4: vec4f, e: ptr<function, Windows>) {
  for (var i = 0u; i < 8u; i++) {
    let d = subgroupShuffle(dy4, i);
    for (var r = 0u; r < 3u; r++) {
      for (var s = 0u; s < 3u; s++) {
        let v = d * (*e)[r][s];
        (*sum)[first + i][3u * r + s] += v.x + v.y + v.z + v.w;
      }
    }
  }
}

fn settle(first: u32, total: ptr<function, Taps>, sum: ptr<function, Taps>) {
  for (var i = 0u; i < 8u; i++) {
    for (var j = 0u; j < 9u; j++) { (*total)[first + i][j] += (*sum)[first + i][j]; (*sum)[first + i][j] = 0.0; }
  }
}

@compute @workgroup_size(WG)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let across = (p.C + 7u) / 8u;
  let k0 = group.x / across * ROWS;
  let c0 = group.x % across * 8u + lane;
  let c = min(c0, p.C - 1u);
  let g = group.y;
  let width = p.OW / 4u;
  let plane = p.OH * width;
  let each = (p.N * p.OH + p.G - 1u) / p.G;
  let begin = min(g * each, p.N * p.OH) * width;
  let end = min((g + 1u) * each, p.N * p.OH) * width;
  var n = begin / plane;
  var oh = i32(begin % plane / width);
  var column = 0u;
  var total: Taps;
  var sum: Taps;
  var before: array<vec4f, 3>;
  var now: array<vec4f, 3>;
  if (stride == 1) {
    for (var r = 0; r < 3; r++) { now[r] = load(n, c, oh + (r - 1) * p.dilation, 0u); }
  }
  var t = begin;
  while (t < end) {
    let stop = min(t + RUN, end);
    while (t < stop) {
      var rows: array<vec4f, ROWS / 8u>;
      let dy_at = (n * p.K + k0 + lane) * plane + u32(oh) * width + column;
      for (var i = 0u; i < ROWS / 8u; i++) { rows[i] = dy[dy_at + 8u * i * plane]; }
      let left = column > 0u;
      var e: Windows;
      if (stride == 2) {
        for (var r = 0; r < 3; r++) {
          let a = load(n, c, 2 * oh - 1 + r, 2u * column);
          let b = load(n, c, 2 * oh - 1 + r, 2u * column + 1u);
          e[r] = array<vec4f, 3>(vec4f(select(0.0, before[r].w, left), a.yw, b.y), vec4f(a.xz, b.xz), vec4f(a.yw, b.yw));
          before[r] = b;
        }
      }
      column++;
      if (column == width) {
        column = 0u;
        oh++;
        if (oh == i32(p.OH)) {
          oh = 0;
          n++;
        }
      }
      t++;
      if (stride == 1) {
        for (var r = 0; r < 3; r++) {
          let after = load(n, c, oh + (r - 1) * p.dilation, column);
          let b = select(vec4f(), before[r], left);
          let a = select(vec4f(), after, column > 0u);
          e[r] = array<vec4f, 3>(moved(b, now[r], p.dilation), now[r], moved(now[r], a, 4 - p.dilation));
          before[r] = now[r];
          now[r] = after;
        }
      }
      eight(0u, &sum, rows[0], &e);
      if (ROWS > 8u) { eight(8u, &sum, rows[min(1u, ROWS / 8u - 1u)], &e); }
      if (ROWS > 16u) { eight(16u, &sum, rows[min(2u, ROWS / 8u - 1u)], &e); }
      if (ROWS > 24u) { eight(24u, &sum, rows[min(3u, ROWS / 8u - 1u)], &e); }
    }
    settle(0u, &total, &sum);
    if (ROWS > 8u) { settle(8u, &total, &sum); }
    if (ROWS > 16u) { settle(16u, &total, &sum); }
    if (ROWS > 24u) { settle(24u, &total, &sum); }
  }
  for (var i = 0u; i < ROWS; i++) {
    if (k0 + i < p.K && c0 < p.C) {
      let out = ((g * p.K + k0 + i) * p.C + c0) * 9u;
      for (var j = 0u; j < 9u; j++) { dw[out + j] = total[i][j]; }
    }
  }
}
