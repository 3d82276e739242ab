// resize/bilinear    y[n,oh,ow] = x[n] at the row and column that oh and ow look at, bilinear between four pixels
// x (N,H,W) with N = batch * channels, y (N,OH,OW).   One invocation an output pixel.
const ALIGN_CORNERS: u32 = 0;
// #include "resize/0_shared.wgsl": Params, the bindings
// #include "lib/bilinear.wgsl": bilinear_tap(), where a row or column looks
// #include "lib/each.wgsl": main() calls element() for each of the elements()

fn elements() -> u32 { return p.N * p.OH * p.OW; }

fn element(i: u32) {
  let v = bilinear_tap(i / p.OW % p.OH, p.H, p.OH, ALIGN_CORNERS == 1u);
  let u = bilinear_tap(i % p.OW, p.W, p.OW, ALIGN_CORNERS == 1u);
  let top = (i / (p.OW * p.OH) * p.H + v.low) * p.W;
  let bottom = (i / (p.OW * p.OH) * p.H + v.high) * p.W;
  let above = mix(x[top + u.low], x[top + u.high], u.weight_high);
  let below = mix(x[bottom + u.low], x[bottom + u.high], u.weight_high);
  y[i] = mix(above, below, v.weight_high);
}
