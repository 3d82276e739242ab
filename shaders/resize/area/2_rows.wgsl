// resize/area/2_rows
// y[n,oh,ow] = mean of x over the cell [oh*H/OH, (oh+1)*H/OH) x [ow*W/OW, (ow+1)*W/OW), parts of pixels as parts
// x (N,H,W) with N = batch * channels, y (N,OH,OW).   A workgroup walks one row of y.
// Over rung 1: the parts of a row's pixels are computed once for all lanes, and all lanes look at as many columns as
// the widest cell touches: so few that their sum needs no care. No lane waits for another, and no index is divided.
const WG: u32 = 64;
// #include "resize/0_shared.wgsl": Params, the bindings
alias Term = f32;
// #include "lib/sum.wgsl": Sum, add() and sum_of(): a sum that keeps its digits, however long

@compute @workgroup_size(WG)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let size = vec2f(f32(p.H) / f32(p.OH), f32(p.W) / f32(p.OW));
  let top = f32(group.x) * size.x;
  let bottom = top + size.x;
  let columns = (p.W + p.OW - 1u) / p.OW + 1u;
  for (var ow = lane; ow < p.OW; ow += WG) {
    let left = f32(ow) * size.y;
    let right = left + size.y;
    let first = u32(left);
    var sum = Sum();
    for (var h = u32(top); h < min(p.H, u32(ceil(bottom))); h++) {
      let wh = min(bottom, f32(h + 1u)) - max(top, f32(h));
      let base = (group.y * p.H + h) * p.W;
      var row = 0.0;
      for (var k = 0u; k < columns; k++) {
        let w = first + k;
        let part = min(right, f32(w + 1u)) - max(left, f32(w));
        // What is beyond the cell has no part, be it not a number.
        row += select(0.0, part * x[base + min(w, p.W - 1u)], part > 0.0 && w < p.W);
      }
      add(&sum, wh * row);
    }
    y[(group.y * p.OH + group.x) * p.OW + ow] = sum_of(&sum) / (size.x * size.y);
  }
}
