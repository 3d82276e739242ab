// sampler/sample    y[n,c,oh,ow] = x[n,c] at row rows[n,oh] and column columns[n,ow], bilinear between four pixels
// x (N,C,H,W), rows (N,OH) and columns (N,OW) in pixels, y (N,C,OH,OW).   One invocation an output.
// The grid is separable, so two short lists of positions take the place of a full grid.
// #include "sampler/0_sample.wgsl": Params, BORDER
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> rows: array<f32>;
@group(0) @binding(2) var<storage, read> columns: array<f32>;
@group(0) @binding(3) var<storage, read_write> y: array<f32>;
@group(0) @binding(4) var<uniform> p: Params;
// #include "lib/pixel.wgsl": pixel(), inside and outside the image
// #include "lib/each.wgsl": main() calls element() for each of the elements()

fn elements() -> u32 { return p.N * p.C * p.OH * p.OW; }

fn element(i: u32) {
  let plane = i / (p.OW * p.OH);
  let n = plane / p.C;
  let row = rows[n * p.OH + i / p.OW % p.OH];
  let column = columns[n * p.OW + i % p.OW];
  let h = i32(floor(row));
  let w = i32(floor(column));
  let fh = row - floor(row);
  let fw = column - floor(column);
  let top = mix(pixel(plane, h, w), pixel(plane, h, w + 1), fw);
  let bottom = mix(pixel(plane, h + 1, w), pixel(plane, h + 1, w + 1), fw);
  y[i] = mix(top, bottom, fh);
}
