// sampler/sample_backward    dx[n,c,h,w] = sum over outputs of dy * (bilinear weight that pixel (h,w) had in them)
// dy (N,C,OH,OW), rows (N,OH) and columns (N,OW) in pixels and rising, dx (N,C,H,W).   One invocation an image pixel.
// Positions rise, so the outputs that looked at row h are one run of neighbours: found by halving, summed in a fixed
// order. Where the usual kernel scatters with atomics, this one gathers: same bits every time.
// #include "sampler/0_sample.wgsl": Params, BORDER
@group(0) @binding(0) var<storage, read> dy: array<f32>;
@group(0) @binding(1) var<storage, read> rows: array<f32>;
@group(0) @binding(2) var<storage, read> columns: array<f32>;
@group(0) @binding(3) var<storage, read_write> dx: array<f32>;
@group(0) @binding(4) var<uniform> p: Params;
// #include "lib/nan.wgsl": is_nan(), nan_if()
// #include "lib/each.wgsl": main() calls element() for each of the elements()

// Positions beyond the edge look at the edge itself.
fn place(at: f32, size: u32) -> f32 { return select(at, clamp(at, 0.0, f32(size - 1u)), BORDER == 1u); }
fn row_at(i: u32) -> f32 { return place(rows[i], p.H); }
fn column_at(i: u32) -> f32 { return place(columns[i], p.W); }

fn elements() -> u32 { return p.N * p.C * p.H * p.W; }

fn element(i: u32) {
  let w = f32(i % p.W);
  let h = f32(i / p.W % p.H);
  let plane = i / (p.W * p.H);
  let rows0 = plane / p.C * p.OH;
  let columns0 = plane / p.C * p.OW;

  var first_row = 0u;
  var end = p.OH;
  while (first_row < end) {
    let middle = (first_row + end) / 2u;
    if (row_at(rows0 + middle) > h - 1.0) { end = middle; } else { first_row = middle + 1u; }
  }
  var first_column = 0u;
  end = p.OW;
  while (first_column < end) {
    let middle = (first_column + end) / 2u;
    if (column_at(columns0 + middle) > w - 1.0) { end = middle; } else { first_column = middle + 1u; }
  }
  var sum = 0.0;
  for (var oh = first_row; oh < p.OH; oh++) {
    let weight_h = 1.0 - abs(row_at(rows0 + oh) - h);
    if (weight_h <= 0.0) { break; }
    for (var ow = first_column; ow < p.OW; ow++) {
      let weight_w = 1.0 - abs(column_at(columns0 + ow) - w);
      if (weight_w <= 0.0) { break; }
      sum += weight_h * weight_w * dy[(plane * p.OH + oh) * p.OW + ow];
    }
  }
  // Positions that are NaN look nowhere: those of a sampling grid are so all together.
  dx[i] = nan_if(is_nan(rows[rows0]) || is_nan(columns[columns0]), sum);
}
