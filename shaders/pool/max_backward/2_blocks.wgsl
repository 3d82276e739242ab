// pool/max_backward/2_blocks    dx[n,ih,iw] = sum of dy over the windows whose maximum was pixel (ih,iw)
// index, dy (N,OH,OW), dx (N,H,W).   One invocation a block of stride x stride pixels, counted with the border.
// Over rung 1: the pixels of a block lie under the same windows, so a window is loaded once for all of them; and no
// loop has another length for other pixels. Size and stride are compiled in: the sums stay in registers.
const R: u32 = 3;
const stride: u32 = 2;
const COVER: u32 = (R + stride - 1u) / stride; // windows that cover a pixel, along an axis, at most
struct Params { N: u32, H: u32, W: u32, OH: u32, OW: u32, pad: i32 }
@group(0) @binding(0) var<storage, read> index: array<u32>;
@group(0) @binding(1) var<storage, read> dy: array<f32>;
@group(0) @binding(2) var<storage, read_write> dx: array<f32>;
@group(0) @binding(3) var<uniform> p: Params;
// #include "lib/each.wgsl": main() calls element() for each of the elements()

fn blocks(pixels: u32) -> u32 { return (pixels + u32(p.pad) + stride - 1u) / stride; }
fn elements() -> u32 { return p.N * blocks(p.H) * blocks(p.W); }

fn element(f: u32) {
  let across = blocks(p.W);
  let row = f / across; // of blocks, counted through all maps
  let n = row / blocks(p.H);
  let bh = row - n * blocks(p.H);
  let bw = f - row * across;
  let ih = bh * stride - u32(p.pad); // in the border: huge
  let iw = bw * stride - u32(p.pad);
  var sum: array<f32, stride * stride>;
  for (var r = 1u; r <= COVER; r++) {
    for (var s = 1u; s <= COVER; s++) {
      let oh = bh + r - COVER; // above the first window: huge
      let ow = bw + s - COVER;
      let there = oh < p.OH && ow < p.OW;
      let o = select(0u, (n * p.OH + oh) * p.OW + ow, there);
      let winner = index[o] - (ih * p.W + iw); // counted from the first pixel of the block
      let d = select(0.0, dy[o], there);
      for (var i = 0u; i < stride; i++) {
        for (var j = 0u; j < stride; j++) { sum[i * stride + j] += select(0.0, d, winner == i * p.W + j); }
      }
    }
  }
  for (var i = 0u; i < stride; i++) {
    for (var j = 0u; j < stride; j++) {
      if (ih + i < p.H && iw + j < p.W) { dx[(n * p.H + ih + i) * p.W + iw + j] = sum[i * stride + j]; }
    }
  }
}
