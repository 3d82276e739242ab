// conv2d/backward_weight/9_wide
// dw[g,k,c,r,s] = sum over the rows (n,oh) of group g, and ow, of dy[n,k,oh,ow] * x[n,c,ih,iw],
// ih = oh*stride - pad + r*dilation
// x (N,C,H,W), dy (N,K,OH,OW), OW even, dw (G,K,C,R,S), seen as G matrices of K rows and C*R*S columns.   An octet of
// lanes owns a tile of 32 rows x 32 columns: a lane has all 32 rows of 4 columns.
// Over rung 3: tiles of twice as many rows, so that a loaded pixel serves twice as many products, and two pixels at a
// time: on a CPU a loop's variables are written under a mask, so a sum that is touched once for two products costs less
// than one that is touched twice. Right for subgroups of 8 lanes and more.
enable subgroups;
const ROWS: u32 = 32;
// #include "conv2d/backward_weight/0_tile.wgsl": Params, the bindings, where a tile lies, load(), store()

alias Sums = array<vec4f, ROWS>;

fn add(first: u32, sum: ptr<function, Sums>, d: vec2f, v: vec4f, u: vec4f) {
  for (var i = 0u; i < 8u; i++) {
    let e = subgroupShuffle(d, i);
    (*sum)[first + i] += e.x * v + e.y * u;
  }
}

@compute @workgroup_size(WG)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let tile = tile_at(group.x, lane);
  let g = group.y;
  let q = columns_at(tile.y + vec4u(0u, 8u, 16u, 24u));
  let plane = p.OH * p.OW;
  var total: Sums;
  var sum: Sums;
  var open = 0u; // pixels in sum
  let rows = rows_of(g);
  for (var row = rows.x; row < rows.y; row++) {
    let n = row / p.OH;
    let line = line_of(q, n, row % p.OH);
    // Past K it reads dy for sums that are never written (WebGPU bounds every access).
    var dy_at = (n * p.K + tile.x + lane) * plane + row % p.OH * p.OW;
    for (var from_ = 0u; from_ < p.OW; from_ += RUN) {
      let end = min(from_ + RUN, p.OW);
      for (var ow = from_; ow < end; ow += 2u) {
        let v = load(q, line, ow);
        let u = load(q, line, ow + 1u);
        for (var k = 0u; k < ROWS; k += 8u) {
          let at = dy_at + k * plane;
          add(k, &sum, vec2f(dy[at], dy[at + 1u]), v, u);
        }
        dy_at += 2u;
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
