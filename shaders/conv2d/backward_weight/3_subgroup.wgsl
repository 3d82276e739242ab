// conv2d/backward_weight/3_subgroup
// dw[g,k,c,r,s] = sum over the rows (n,oh) of group g, and ow, of dy[n,k,oh,ow] * x[n,c,ih,iw],
// ih = oh*stride - pad + r*dilation
// x (N,C,H,W), dy (N,K,OH,OW), dw (G,K,C,R,S), seen as G matrices of K rows and C*R*S columns.   An octet of lanes
// owns a tile of 16 rows x 32 columns: a lane has all 16 rows of 4 columns.
// Over rung 2: there all lanes load the same dy. Here a lane loads dy for 2 of the 16 channels, and the octet hands
// them round by subgroupShuffle, which moves registers and touches no memory: 64 multiply-adds take 6 loads, not 24.
// Right for subgroups of 8 lanes and more.
enable subgroups;
const ROWS: u32 = 16;
// #include "conv2d/backward_weight/0_tile.wgsl": Params, the bindings, where a tile lies, load(), store()

@compute @workgroup_size(WG)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32,
  @builtin(subgroup_invocation_id) sub: u32) {
  let tile = tile_at((group.x * WG + lane) / 8u, sub % 8u);
  let octet = sub - sub % 8u;
  let g = group.y;
  let q = columns_at(tile.y + vec4u(0u, 8u, 16u, 24u));
  let plane = p.OH * p.OW;
  var total: array<vec4f, ROWS>;
  var sum: array<vec4f, ROWS>;
  var open = 0u; // pixels in sum
  let rows = rows_of(g);
  for (var row = rows.x; row < rows.y; row++) {
    let n = row / p.OH;
    let line = line_of(q, n, row % p.OH);
    // Past K it reads dy for sums that are never written (WebGPU bounds every access).
    var dy_at = (n * p.K + tile.x + sub % 8u) * plane + row % p.OH * p.OW;
    for (var from_ = 0u; from_ < p.OW; from_ += RUN) {
      let end = min(from_ + RUN, p.OW);
      for (var ow = from_; ow < end; ow++) {
        let v = load(q, line, ow);
        for (var k = 0u; k < ROWS; k += 8u) {
          let d = dy[dy_at + k * plane];
          for (var i = 0u; i < 8u; i++) { sum[k + i] += subgroupShuffle(d, octet + i) * v; }
        }
        dy_at++;
      }
      open += end - from_;
      if (open >= RUN) {
        for (var i = 0u; i < ROWS; i++) {
          total[i] += sum[i];
          sum[i] = vec4f();
        }
        open = 0u;
      }
    }
  }
  for (var i = 0u; i < ROWS; i++) { total[i] += sum[i]; }
  store(&total, g, tile);
}
