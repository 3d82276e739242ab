// depthwise/backward_weight/0_octet    An octet of lanes has a channel's filter in one group of rows: a lane takes
// every eighth place of a row (a place is PER pixels), and walks down the group's rows there. Nine sums, one for each
// tap, see a row of x three times and load it once. A group has at most 4,096 pixels, so no lane adds up more than
// some hundred terms.
// #include "lib/octet.wgsl": main() calls item() for each of the items(); total(), the sum over an octet

fn items() -> u32 { return p.G * p.C; }

fn item(i: u32, lane: u32) {
  let c = i % p.C;
  let g = i / p.C;
  let rows = rows_of(g);
  let width = p.OW / PER;
  let size = vec2u(p.H, p.W);
  var sums: array<Pixel, 9>;
  for (var q = lane; q < width; q += LANES) {
    var a: Window;
    var b: Window;
    for (var row = rows.x; row < rows.y; row++) {
      let plane = row / p.OH * p.C + c;
      let oh = row % p.OH;
      let ih = i32(oh) * stride - p.pad;
      if (row == rows.x || oh == 0u) { a = window(plane, ih, q, size, stride, p.pad); }
      if (row == rows.x || oh == 0u || stride == 2) { b = window(plane, ih + 1, q, size, stride, p.pad); }
      let d = window(plane, ih + 2, q, size, stride, p.pad);
      let g = gradient((plane * p.OH + oh) * width + q);
      for (var s = 0u; s < 3u; s++) {
        sums[s] += g * a[s];
        sums[3u + s] += g * b[s];
        sums[6u + s] += g * d[s];
      }
      if (stride == 1) { a = b; b = d; }
      else { a = d; }
    }
  }
  for (var t = 0u; t < 9u; t++) {
    let sum = total(four(sums[t]));
    if (owner) { dw[i * 9u + t] = sum; }
  }
}
