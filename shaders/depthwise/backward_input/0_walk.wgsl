// depthwise/backward_input/0_walk    With stride 1 the gradient of x is dy, convolved with the filter turned round, and
// padded by 2 - pad. A lane walks down a column of dx, ROWS pixels, and keeps the rows of dy that it sees again.
const ROWS: u32 = 8;

fn elements() -> u32 { return p.N * p.C * ((p.H + ROWS - 1u) / ROWS) * (p.W / PER); }

fn element(i: u32) {
  let width = p.W / PER;
  let strips = (p.H + ROWS - 1u) / ROWS;
  let q = i % width;
  let first = i / width % strips * ROWS;
  let plane = i / (width * strips);
  var f: array<f32, 9>;
  for (var t = 0u; t < 9u; t++) { f[t] = w[plane % p.C * 9u + 8u - t]; }
  let size = vec2u(p.OH, p.OW);
  let begin = 2 - p.pad;
  var oh = i32(first) - begin;
  var a = window(plane, oh, q, size, 1, begin);
  var b = window(plane, oh + 1, q, size, 1, begin);
  for (var ih = first; ih < min(first + ROWS, p.H); ih++) {
    let d = window(plane, oh + 2, q, size, 1, begin);
    put((plane * p.H + ih) * width + q, f[0] * a[0] + f[1] * a[1] + f[2] * a[2] + f[3] * b[0] + f[4] * b[1] +
      f[5] * b[2] + f[6] * d[0] + f[7] * d[1] + f[8] * d[2]);
    a = b;
    b = d;
    oh++;
  }
}
