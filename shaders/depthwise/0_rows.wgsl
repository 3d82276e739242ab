// depthwise/0_rows    A lane walks down its columns of a strip of rows and keeps the rows that the next output sees
// again. With dilation, rows that are so far apart form a phase of their own.
// The including kernel says what a filter's tap() is, and how it will store() OUT neighbouring sums.
const ROWS: u32 = 8;
// #include "depthwise/0_taps.wgsl": row_of(), what three taps see of a row

fn strips() -> u32 { return ((p.OH + REACH - 1u) / REACH + ROWS - 1u) / ROWS; }

fn elements() -> u32 { return p.N * p.C * REACH * strips() * (p.OW / COLUMNS); }

fn element(i: u32) {
  let tiles = p.OW / COLUMNS;
  let tile = i % tiles;
  let strip = i / tiles % strips();
  let phase = i / (tiles * strips()) % REACH;
  let plane = i / (tiles * strips() * REACH);
  let c = plane % p.C;
  var f: array<f32, 9>;
  for (var t = 0u; t < 9u; t++) { f[t] = tap(c, t); }
  let size = vec2u(p.H, p.W);
  let first = tile * LOADED;
  let begin = strip * ROWS * REACH + phase;
  var ih = i32(begin) * stride - pad;
  var a = row_of(plane, ih, first, size);
  var b: Row;
  if (stride == 1) { b = row_of(plane, ih + dilation, first, size); }
  for (var oh = begin; oh < min(begin + ROWS * REACH, p.OH); oh += REACH) {
    if (stride == 2) { b = row_of(plane, ih + 1, first, size); }
    let d = row_of(plane, ih + 2 * dilation, first, size);
    let at = (plane * p.OH + oh) * p.OW + tile * COLUMNS;
    for (var q = 0u; q < COLUMNS / OUT; q++) {
      var sum: array<f32, OUT>;
      for (var k = 0u; k < OUT; k++) {
        let j = (q * OUT + k) * STEP;
        sum[k] = f[0] * a[j] + f[1] * a[j + REACH] + f[2] * a[j + 2u * REACH] +
          f[3] * b[j] + f[4] * b[j + REACH] + f[5] * b[j + 2u * REACH] +
          f[6] * d[j] + f[7] * d[j + REACH] + f[8] * d[j + 2u * REACH];
      }
      store(at / OUT + q, c, sum);
    }
    ih += stride * dilation;
    if (stride == 1) { a = b; b = d; }
    else { a = d; }
  }
}
