// depthwise/backward_input/0_halving    A lane walks down COLUMNS columns of dy and makes of each row two rows of dx,
// twice as wide. Which taps a pixel of dx is seen by is known beforehand (rung 4): of two rows one by the middle tap
// alone, the other by the outer two; so it is with columns.
// The including kernel says how a vector of dy is loaded, and how it will store() OUT neighbouring sums.
const ROWS: u32 = 8;
const pad: i32 = 1;
const BEFORE: u32 = 1;
const LOADED: u32 = COLUMNS;
const SEEN: u32 = COLUMNS + 2u;
// #include "depthwise/0_row.wgsl": row_of()

// Of two neighbours in dx one is seen by the middle tap of its own output alone; the outer one by tap NEAR of its own
// output, and by the opposite tap of the other one: the next output with padding, the one before without.
const MIDDLE: u32 = 1u - u32(pad);
const NEAR: u32 = 2u * u32(pad);
const FAR: u32 = 2u - NEAR;

fn strips() -> u32 { return (p.OH + ROWS - 1u) / ROWS; }

fn elements() -> u32 { return p.N * p.C * strips() * (p.OW / COLUMNS); }

fn element(i: u32) {
  let tiles = p.OW / COLUMNS;
  let tile = i % tiles;
  let plane = i / (tiles * strips());
  var f: array<f32, 9>;
  for (var t = 0u; t < 9u; t++) { f[t] = w[plane % p.C * 9u + t]; }
  let size = vec2u(p.OH, p.OW);
  let first = tile * COLUMNS;
  let begin = i / tiles % strips() * ROWS;
  var a = row_of(plane, i32(begin) - 1 + pad, first, size); // pad 1: this row; pad 0: the one before
  for (var oh = begin; oh < min(begin + ROWS, p.OH); oh++) {
    let b = row_of(plane, i32(oh) + pad, first, size); // the next one; this row
    var own: Row;
    var other: Row;
    if (pad == 1) { own = a; other = b; }
    else { own = b; other = a; }
    let middle_at = ((plane * p.H + 2u * oh + MIDDLE) * p.W + 2u * first) / OUT;
    let outer_at = ((plane * p.H + 2u * oh + 1u - MIDDLE) * p.W + 2u * first) / OUT;
    for (var q = 0u; q < 2u * COLUMNS / OUT; q++) {
      var middle: array<f32, OUT>;
      var outer: array<f32, OUT>;
      for (var k = 0u; k < OUT; k += 2u) {
        let j = (q * OUT + k) / 2u + 1u;
        let beside = j + NEAR - 1u;
        middle[k + MIDDLE] = f[4] * own[j];
        middle[k + 1u - MIDDLE] = f[3u + NEAR] * own[j] + f[3u + FAR] * own[beside];
        outer[k + MIDDLE] = f[3u * NEAR + 1u] * own[j] + f[3u * FAR + 1u] * other[j];
        outer[k + 1u - MIDDLE] = f[3u * NEAR + NEAR] * own[j] + f[3u * NEAR + FAR] * own[beside] +
          f[3u * FAR + NEAR] * other[j] + f[3u * FAR + FAR] * other[beside];
      }
      store(middle_at + q, middle);
      store(outer_at + q, outer);
    }
    a = b;
  }
}
