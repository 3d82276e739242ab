// conv2d/backward_weight/4_workgroup
// dw[g,k,c,r,s] = sum over the rows (n,oh) of group g, and ow, of dy[n,k,oh,ow] * x[n,c,ih,iw],
// ih = oh*stride - pad + r*dilation
// x (N,C,H,W), dy (N,K,OH,OW), dw (G,K,C,R,S), seen as G matrices of K rows and C*R*S columns: for each a matrix
// product over the pixels of its images, whose right side, the patches, is gathered while it is laid into workgroup
// memory. A workgroup owns a tile of 64 channels x 64 columns.
// Over rung 3: a dy or x is loaded from memory once for 64 products. For GPUs, whose workgroup memory is a fast memory
// of its own.
const WG: u32 = 256;
// #include "conv2d/backward_weight/0_columns.wgsl": Params, the bindings, what a column is
// #include "lib/tile.wgsl": left, right and multiply(), a product of 64 x 64 in workgroup memory

@compute @workgroup_size(WG)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let fast = lane % 16u;
  let slow = lane / 16u;
  let plane = p.OH * p.OW;
  let g = group.z;
  let rows = rows_of(g);
  let pixels = rows.y * p.OW;
  // This lane loads one pixel (neighbours: the next pixels) of four channels of dy, and of four columns of patches.
  let k = min(group.y * 64u + 4u * slow + QUAD, vec4u(p.K - 1u)); // past the end: the last again, not written
  let q = columns_at(group.x * 64u + 4u * slow + QUAD);

  var total: array<vec4f, 4>;
  var sum: array<vec4f, 4>;
  var steps = 0u;
  for (var first = rows.x * p.OW; first < pixels; first += DEPTH) {
    let real = first + fast < pixels;
    let pixel = min(first + fast, pixels - 1u);
    let n = pixel / plane;
    let dy_at = (n * p.K + k) * plane + pixel % plane;
    let d = vec4f(dy[dy_at.x], dy[dy_at.y], dy[dy_at.z], dy[dy_at.w]);
    left[fast * PITCH + slow] = Stored(select(vec4f(), d, real));
    // Negative rows become huge, so one comparison finds both ends.
    let ih = vec4u(i32(pixel % plane / p.OW) * p.stride + q.down);
    let iw = vec4u(i32(pixel % p.OW) * p.stride + q.right);
    let inside = (ih < vec4u(p.H)) & (iw < vec4u(p.W)) & vec4<bool>(real);
    let at = select(vec4u(), ((n * p.C + q.c) * p.H + ih) * p.W + iw, inside);
    right[fast * PITCH + slow] = Stored(select(vec4f(), vec4f(x[at.x], x[at.y], x[at.z], x[at.w]), inside));
    workgroupBarrier();
    multiply(&sum, lane);
    workgroupBarrier();
    steps++;
    if (steps % 4u == 0u) { // 64 pixels in one float, then that joins the total: a long sum keeps its digits
      for (var i = 0u; i < 4u; i++) {
        total[i] += sum[i];
        sum[i] = vec4f();
      }
    }
  }
  for (var i = 0u; i < 4u; i++) { total[i] += sum[i]; }

  for (var i = 0u; i < 4u; i++) {
    let row = group.y * 64u + 4u * slow + i;
    for (var j = 0u; j < 4u; j++) {
      let at = group.x * 64u + 4u * fast + j;
      if (row < p.K && at < width()) { dw[(g * p.K + row) * width() + at] = total[i][j]; }
    }
  }
}
