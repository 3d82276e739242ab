// conv2d/backward_input/6_rows
enable subgroups;
const CHANNELS: u32 = 16;
@group(0) @binding(0) var<storage, read> dy: array<vec4f>;
@group(0) @binding(1) var<storage, read> w: array<f32>;
@group(0) @binding(2) var<storage, read_write> dx: array<vec4f>;
@group(0) @binding(3) var<uniform> p: Params;
// #include "conv2d/0_rows.wgsl": Params

fn store(o: u32, v: vec4f) { dx[o] = v; }

@compute @workgroup_size(WG)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let c0 = group.x * CHANNELS;
  let width = p.W / 4u;
  let at = place_of(group.y * WG + lane, p.H, width);
  var sum: array<vec4f, CHANNELS>;
  for (var r = 0; r < 3; r++) {
    let oh = u32(i32(at.row) + (1 - r) * p.dilation); // above the image it becomes huge
    let inside = oh < p.OH;
    var dy_at = (at.n * p.K * p.OH + select(0u, oh, inside)) * width + at.column;
    var w_at = (c0 + lane) * 9u + u32(r) * 3u;
    for (var k = 0u; k < p.K; k++) {
      var e = seen(select(vec4f(), dy[dy_at], inside), at, lane);
      for (var c = 0u; c < CHANNELS; c += 8u) {
        let i = w_at + c * 9u;
        eight(c, &sum, vec3f(w[i + 2u], w[i + 1u], w[i]), &e);
      }
      dy_at += p.OH * width;
      w_at += p.C * 9u;
    }
  }
  if (!at.there) { return; }
  for (var c = 0u; c < CHANNELS; c++) {
    if (c0 + c < p.C) { store(((at.n * p.C + c0 + c) * p.H + at.row) * width + at.column, sum[c]); }
  }
}
