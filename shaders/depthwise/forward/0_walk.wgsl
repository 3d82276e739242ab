// depthwise/forward/0_walk    A lane walks down a column of outputs, ROWS of them, and keeps the rows of x that the
// next output sees again: each row is loaded once, and not three times (stride 2: once, and not one and a half times).
const ROWS: u32 = 8;

fn elements() -> u32 { return p.N * p.K * ((p.OH + ROWS - 1u) / ROWS) * (p.OW / PER); }

fn element(i: u32) {
  let width = p.OW / PER;
  let strips = (p.OH + ROWS - 1u) / ROWS;
  let q = i % width;
  let first = i / width % strips * ROWS;
  let plane = i / (width * strips);
  let c = plane % p.K;
  var f: array<f32, 9>;
  for (var t = 0u; t < 9u; t++) { f[t] = w[c * 9u + t]; }
  let size = vec2u(p.H, p.W);
  var ih = i32(first) * stride - p.pad;
  var a = window(plane, ih, q, size, stride, p.pad);
  var b = window(plane, ih + 1, q, size, stride, p.pad);
  for (var oh = first; oh < min(first + ROWS, p.OH); oh++) {
    let d = window(plane, ih + 2, q, size, stride, p.pad);
    let sum = f[0] * a[0] + f[1] * a[1] + f[2] * a[2] + f[3] * b[0] + f[4] * b[1] + f[5] * b[2] +
      f[6] * d[0] + f[7] * d[1] + f[8] * d[2];
    store((plane * p.OH + oh) * width + q, c, sum);
    ih += stride;
    if (stride == 1) { a = b; b = d; }
    else { a = d; b = window(plane, ih + 1, q, size, stride, p.pad); }
  }
}
