// depthwise/backward_weight/0_rows    A lane has a channel's filter in one group of rows, and walks down the rows,
// COLUMNS columns at a time. Nine sums, one for each tap, see a row of x three times and load it once. The terms of a
// row, those of an image and those of a group are added up apart: no float gets more than some hundred in a row.
// The including kernel says what the parts of a Gradient are, OUT numbers of dy.
alias Result = f32;
// #include "conv2d/backward_weight/0_vectors.wgsl": Params, the bindings, rows_of() a group
// #include "depthwise/0_taps.wgsl": row_of(), what three taps see of a row
// #include "lib/each.wgsl": main() calls element() for each of the elements()
alias Sums = array<f32, 9>;

fn elements() -> u32 { return p.G * p.C; }

// A lane's columns of a row of dy, from a place on.
fn gradients(at: u32) -> array<f32, COLUMNS> {
  var g: array<f32, COLUMNS>;
  for (var q = 0u; q < COLUMNS / OUT; q++) {
    let v = dy[at / OUT + q];
    for (var i = 0u; i < OUT; i++) { g[q * OUT + i] = part_of_gradient(v, i); }
  }
  return g;
}

fn element(i: u32) {
  let c = i % p.C;
  let rows = rows_of(i / p.C);
  let size = vec2u(p.H, p.W);
  var total: Sums;
  for (var tile = 0u; tile < p.OW / COLUMNS; tile++) {
    for (var row = rows.x; row < rows.y; row = (row / p.OH + 1u) * p.OH) {
      let n = row / p.OH;
      let plane = n * p.C + c;
      let end = min(rows.y - n * p.OH, p.OH);
      var of_image = Sums(); // said, for lavapipe zeroes a variable of a loop only before the first turn
      for (var phase = 0u; phase < REACH; phase++) {
        var ih = i32(row % p.OH + phase) * stride - pad;
        var a = row_of(plane, ih, tile * LOADED, size);
        var b: Row;
        if (stride == 1) { b = row_of(plane, ih + dilation, tile * LOADED, size); }
        for (var oh = row % p.OH + phase; oh < end; oh += REACH) {
          if (stride == 2) { b = row_of(plane, ih + 1, tile * LOADED, size); }
          let d = row_of(plane, ih + 2 * dilation, tile * LOADED, size);
          let g = gradients((plane * p.OH + oh) * p.OW + tile * COLUMNS);
          var sum = Sums();
          for (var k = 0u; k < COLUMNS; k++) {
            for (var s = 0u; s < 3u; s++) {
              sum[s] += g[k] * a[k * STEP + s * REACH];
              sum[3u + s] += g[k] * b[k * STEP + s * REACH];
              sum[6u + s] += g[k] * d[k * STEP + s * REACH];
            }
          }
          for (var t = 0u; t < 9u; t++) { of_image[t] += sum[t]; }
          ih += stride * dilation;
          if (stride == 1) { a = b; b = d; }
          else { a = d; }
        }
      }
      for (var t = 0u; t < 9u; t++) { total[t] += of_image[t]; }
    }
  }
  for (var t = 0u; t < 9u; t++) { dw[i * 9u + t] = total[t]; }
}
