// resize/area/4_whole    y[n,oh,ow] = mean of x over the cell of H/OH x W/OW pixels, both whole numbers
// x (N,H,W) with N = batch * channels, y (N,OH,OW).   A workgroup walks one row of y.
// Over rung 2: where the cells are whole pixels, all its parts of pixels are 1, and nothing is left but the sum.
const WG: u32 = 64;
// #include "resize/0_shared.wgsl": Params, the bindings
alias Term = f32;
// #include "lib/sum.wgsl": Sum, add() and sum_of(): a sum that keeps its digits, however long

@compute @workgroup_size(WG)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let rows = p.H / p.OH;
  let columns = p.W / p.OW;
  for (var ow = lane; ow < p.OW; ow += WG) {
    var sum = Sum();
    for (var h = 0u; h < rows; h++) {
      let base = (group.y * p.H + group.x * rows + h) * p.W + ow * columns;
      for (var w = 0u; w < columns; w++) { add(&sum, x[base + w]); }
    }
    y[(group.y * p.OH + group.x) * p.OW + ow] = sum_of(&sum) / f32(rows * columns);
  }
}
