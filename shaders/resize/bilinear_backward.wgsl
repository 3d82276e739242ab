// resize/bilinear_backward
// dx[n,h,w] = sum over outputs of dy[n,oh,ow] * (weight of row h in oh) * (weight of column w in ow)
// dy (N,OH,OW), dx (N,H,W).   One invocation an input pixel: it visits the outputs near it, so nothing needs atomics.
const ALIGN_CORNERS: u32 = 0;
struct Params { N: u32, H: u32, W: u32, OH: u32, OW: u32 }
@group(0) @binding(0) var<storage, read> dy: array<f32>;
@group(0) @binding(1) var<storage, read_write> dx: array<f32>;
@group(0) @binding(2) var<uniform> p: Params;
// #include "lib/bilinear.wgsl": bilinear_tap(), where a row or column looks
// #include "lib/each.wgsl": main() calls element() for each of the elements()

fn weight(h: u32, t: Tap) -> f32 {
  return select(0.0, 1.0 - t.weight_high, t.low == h) + select(0.0, t.weight_high, t.high == h);
}

// The outputs that may look at row h: a little more than those whose place is within one row of it.
fn first_near(h: u32, n_in: u32, n_out: u32) -> u32 {
  return u32(max(0.0, floor((f32(h) - 1.5) * f32(n_out) / f32(n_in)) - 1.0));
}
fn last_near(h: u32, n_in: u32, n_out: u32) -> u32 {
  return min(n_out - 1u, u32(ceil((f32(h) + 2.5) * f32(n_out) / f32(n_in))) + 1u);
}

fn elements() -> u32 { return p.N * p.H * p.W; }

fn element(i: u32) {
  let w = i % p.W;
  let h = i / p.W % p.H;
  let n = i / (p.W * p.H);
  var sum = 0.0;
  for (var oh = first_near(h, p.H, p.OH); oh <= last_near(h, p.H, p.OH); oh++) {
    let wh = weight(h, bilinear_tap(oh, p.H, p.OH, ALIGN_CORNERS == 1u));
    if (wh == 0.0) { continue; }
    for (var ow = first_near(w, p.W, p.OW); ow <= last_near(w, p.W, p.OW); ow++) {
      sum += wh * weight(w, bilinear_tap(ow, p.W, p.OW, ALIGN_CORNERS == 1u)) * dy[(n * p.OH + oh) * p.OW + ow];
    }
  }
  dx[i] = sum;
}
