// sampler/positions_backward    drows[n,oh] = sum over c, ow of dy * (pixel below - pixel above), dcolumns[n,ow] alike
// dy (N,C,OH,OW), x (N,C,H,W), rows and drows (N,OH), columns and dcolumns (N,OW).   One invocation a position: of each
// image, first the rows, then the columns.
// Between pixels the sample is linear in a position, and its slope is the difference of the pixels.
// #include "sampler/0_sample.wgsl": Params, BORDER
@group(0) @binding(0) var<storage, read> dy: array<f32>;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> rows: array<f32>;
@group(0) @binding(3) var<storage, read> columns: array<f32>;
@group(0) @binding(4) var<storage, read_write> drows: array<f32>;
@group(0) @binding(5) var<storage, read_write> dcolumns: array<f32>;
@group(0) @binding(6) var<uniform> p: Params;
// #include "lib/pixel.wgsl": pixel(), inside and outside the image
// #include "lib/nan.wgsl": is_nan(), nan_if()
// #include "lib/each.wgsl": main() calls element() for each of the elements()

fn elements() -> u32 { return p.N * (p.OH + p.OW); }

fn element(i: u32) {
  let n = i / (p.OH + p.OW);
  let own = i % (p.OH + p.OW);
  let is_row = own < p.OH;
  var sum = 0.0;
  for (var c = 0u; c < p.C; c++) {
    let plane = n * p.C + c;
    for (var k = 0u; k < select(p.OH, p.OW, is_row); k++) {
      let oh = select(k, own, is_row);
      let ow = select(own - p.OH, k, is_row);
      let row = rows[n * p.OH + oh];
      let column = columns[n * p.OW + ow];
      let h = i32(floor(row));
      let w = i32(floor(column));
      let fh = row - floor(row);
      let fw = column - floor(column);
      let a = pixel(plane, h, w);
      let b = pixel(plane, h, w + 1);
      let e = pixel(plane, h + 1, w);
      let f = pixel(plane, h + 1, w + 1);
      let slope = select(mix(b - a, f - e, fh), mix(e - a, f - b, fw), is_row);
      sum += dy[(plane * p.OH + oh) * p.OW + ow] * nan_if(is_nan(row) || is_nan(column), slope);
    }
  }
  if (is_row) { drows[n * p.OH + own] = sum; } else { dcolumns[n * p.OW + own - p.OH] = sum; }
}
