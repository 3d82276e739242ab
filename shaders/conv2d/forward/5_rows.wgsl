// conv2d/forward/5_rows
enable subgroups;
const CHANNELS: u32 = 16;
const stride: u32 = 1;
@group(0) @binding(0) var<storage, read> x: array<vec4f>;
@group(0) @binding(1) var<storage, read> w: array<f32>;
@group(0) @binding(2) var<storage, read> mean: array<f32>;
@group(0) @binding(3) var<storage, read> variance: array<f32>;
@group(0) @binding(4) var<storage, read> gamma: array<f32>;
@group(0) @binding(5) var<storage, read> beta: array<f32>;
@group(0) @binding(6) var<storage, read> residual: array<f32>;
@group(0) @binding(7) var<storage, read_write> y: array<vec4f>;
@group(0) @binding(8) var<uniform> p: Params;
// #include "conv2d/0_rows.wgsl": Params
// #include "lib/conv_epilogue.wgsl": epilogue(), for bias or batch norm, shortcut and ReLU

@compute @workgroup_size(WG)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let k0 = group.x * CHANNELS;
  let at = place_of(group.y * WG + lane, p.OH, p.OW / 4u);
  let plane = p.H * (p.W / 4u);
  var sum: array<vec4f, CHANNELS>;
  for (var r = 0; r < 3; r++) {
    let ih = u32(i32(at.row * stride) + (r - 1) * p.dilation); // above the image it becomes huge
    let inside = ih < p.H;
    var x_at = at.n * p.C * plane + select(0u, ih, inside) * (p.W / 4u) + stride * at.column;
    var w_at = (k0 + lane) * p.C * 9u + u32(r) * 3u;
    for (var c = 0u; c < p.C; c++) {
      let now = select(vec4f(), x[x_at], inside);
      var e: array<vec4f, 3>;
      if (stride == 2u) {
        let next = select(vec4f(), x[x_at + 1u], inside);
        let before = select(0.0, subgroupShuffle(next.w, (lane + 7u) % 8u), at.left);
        e = array<vec4f, 3>(vec4f(before, now.yw, next.y), vec4f(now.xz, next.xz), vec4f(now.yw, next.yw));
      } else {
        e = seen(now, at, lane);
      }
      for (var k = 0u; k < CHANNELS; k += 8u) {
        let i = w_at + k * p.C * 9u;
        eight(k, &sum, vec3f(w[i], w[i + 1u], w[i + 2u]), &e);
      }
      x_at += plane;
      w_at += 9u;
    }
  }
  if (!at.there) { return; }
  for (var k = 0u; k < CHANNELS; k++) {
    if (k0 + k < p.K) {
      let o = ((at.n * p.K + k0 + k) * p.OH + at.row) * (p.OW / 4u) + at.column;
      let s = sum[k];
      y[o] = vec4f(epilogue(s.x, k0 + k, 4u * o), epilogue(s.y, k0 + k, 4u * o + 1u),
        epilogue(s.z, k0 + k, 4u * o + 2u), epilogue(s.w, k0 + k, 4u * o + 3u));
    }
  }
}
