// resize/area/1_naive
// y[n,oh,ow] = mean of x over the cell [oh*H/OH, (oh+1)*H/OH) x [ow*W/OW, (ow+1)*W/OW), parts of pixels as parts
// x (N,H,W) with N = batch * channels, y (N,OH,OW).   One invocation an output pixel.
// Shrinking this way loses no pixel.
// #include "resize/0_shared.wgsl": Params, the bindings
alias Term = f32;
// #include "lib/sum.wgsl": Sum, add() and sum_of(): a sum that keeps its digits, however long
// #include "lib/each.wgsl": main() calls element() for each of the elements()

fn elements() -> u32 { return p.N * p.OH * p.OW; }

fn element(i: u32) {
  let size = vec2f(f32(p.H) / f32(p.OH), f32(p.W) / f32(p.OW));
  let from_ = vec2f(f32(i / p.OW % p.OH), f32(i % p.OW)) * size;
  let to = from_ + size;
  var sum = Sum();
  for (var h = u32(from_.x); h < min(p.H, u32(ceil(to.x))); h++) {
    let wh = min(to.x, f32(h + 1u)) - max(from_.x, f32(h));
    for (var w = u32(from_.y); w < min(p.W, u32(ceil(to.y))); w++) {
      let part = wh * (min(to.y, f32(w + 1u)) - max(from_.y, f32(w)));
      add(&sum, part * x[(i / (p.OW * p.OH) * p.H + h) * p.W + w]);
    }
  }
  y[i] = sum_of(&sum) / (size.x * size.y);
}
