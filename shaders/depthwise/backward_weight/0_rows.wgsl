// depthwise/backward_weight/0_rows    A lane has a channel's filter in one group of rows, and walks down the rows,
// COLUMNS columns at a time. Nine sums, one for each tap, see a row of x three times and load it once. The terms of a
// row, those of an image and those of a group are added up apart: no float gets more than some hundred in a row.
// The including kernel says how a row of dy is loaded.
struct Params { N: u32, C: u32, H: u32, W: u32, K: u32, OH: u32, OW: u32, stride: i32, pad: i32, dilation: i32, G: u32 }
// #include "depthwise/0_taps.wgsl": row_of(), what three taps see of a row
// #include "lib/each.wgsl": main() calls element() for each of the elements()
alias Gradients = array<f32, COLUMNS>;
alias Sums = array<f32, 9>;

fn elements() -> u32 { return p.G * p.C; }

fn element(i: u32) {
  let c = i % p.C;
  let each = (p.N * p.OH + p.G - 1u) / p.G;
  let first = min(i / p.C * each, p.N * p.OH);
  let last = min(first + each, p.N * p.OH);
  let size = vec2u(p.H, p.W);
  var total: Sums;
  for (var tile = 0u; tile < p.OW / COLUMNS; tile++) {
    for (var row = first; row < last; row = (row / p.OH + 1u) * p.OH) {
      let n = row / p.OH;
      let plane = n * p.C + c;
      let end = min(last - n * p.OH, p.OH);
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
