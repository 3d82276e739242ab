// pool/max_backward/1_naive    dx[n,ih,iw] = sum of dy over the windows whose maximum was pixel (ih,iw)
// index, dy (N,OH,OW), dx (N,H,W).   One invocation a pixel: it asks every window that covers it.
// #include "pool/0_shared.wgsl": Params
@group(0) @binding(0) var<storage, read> index: array<u32>;
@group(0) @binding(1) var<storage, read> dy: array<f32>;
@group(0) @binding(2) var<storage, read_write> dx: array<f32>;
@group(0) @binding(3) var<uniform> p: Params;
// #include "lib/each.wgsl": main() calls element() for each of the elements()

fn elements() -> u32 { return p.N * p.H * p.W; }

fn element(i: u32) {
  let at = i % (p.H * p.W);
  let n = i / (p.H * p.W);
  let ih = i32(at / p.W) + p.pad;
  let iw = i32(at % p.W) + p.pad;
  // Windows oh with oh * stride <= ih < oh * stride + R.
  let first_h = max(0, (ih - i32(p.R)) / p.stride + select(0, 1, ih >= i32(p.R)));
  let first_w = max(0, (iw - i32(p.R)) / p.stride + select(0, 1, iw >= i32(p.R)));
  var sum = 0.0;
  for (var oh = first_h; oh <= min(ih / p.stride, i32(p.OH) - 1); oh++) {
    for (var ow = first_w; ow <= min(iw / p.stride, i32(p.OW) - 1); ow++) {
      let o = (n * p.OH + u32(oh)) * p.OW + u32(ow);
      if (index[o] == at) { sum += dy[o]; }
    }
  }
  dx[i] = sum;
}
