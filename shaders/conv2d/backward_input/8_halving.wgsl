// conv2d/backward_input/8_halving
enable subgroups;
const CHANNELS: u32 = 16;
@group(0) @binding(0) var<storage, read> dy: array<vec4f>;
@group(0) @binding(1) var<storage, read> w: array<f32>;
@group(0) @binding(2) var<storage, read_write> dx: array<vec4f>;
@group(0) @binding(3) var<uniform> p: Params;
// #include "conv2d/0_rows.wgsl": Params

fn store(o: u32, v: vec4f) { dx[o] = v; }

alias Sums = array<array<vec4f, 2>, CHANNELS>; // pixels of even columns, of odd ones

fn add(first: u32, sum: ptr<function, Sums>, weights: vec3f, now: vec4f, next: vec4f) {
  for (var i = 0u; i < 8u; i++) {
    let w = subgroupShuffle(weights, i);
    (*sum)[first + i][0] += w.y * now;
    (*sum)[first + i][1] += w.x * next + w.z * now;
  }
}

@compute @workgroup_size(WG)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let c0 = group.x * CHANNELS;
  let width = p.OW / 4u;
  let odd = i32(group.z); // rows of dx
  let at = place_of(group.y * WG + lane, (p.H + 1u - group.z) / 2u, width);
  var sum: Sums;
  for (var r = 1 - odd; r < 3; r += 2) {
    let oh = at.row + u32(odd * (2 - r) / 2);
    let inside = oh < p.OH;
    var dy_at = (at.n * p.K * p.OH + select(0u, oh, inside)) * width + at.column;
    var w_at = (c0 + lane) * 9u + u32(r) * 3u;
    for (var k = 0u; k < p.K; k++) {
      let now = select(vec4f(), dy[dy_at], inside);
      let next = vec4f(now.yzw, select(0.0, subgroupShuffle(now.x, (lane + 1u) % 8u), at.right));
      for (var c = 0u; c < CHANNELS; c += 8u) {
        let i = w_at + c * 9u;
        add(c, &sum, vec3f(w[i], w[i + 1u], w[i + 2u]), now, next);
      }
      dy_at += p.OH * width;
      w_at += p.C * 9u;
    }
  }
  if (!at.there) { return; }
  for (var c = 0u; c < CHANNELS; c++) {
    if (c0 + c < p.C) {
      let o = (((at.n * p.C + c0 + c) * p.H + 2u * at.row + group.z) * width + at.column) * 2u;
      let a = sum[c][0];
      let b = sum[c][1];
      store(o, vec4f(a.x, b.x, a.y, b.y));
      store(o + 1u, vec4f(a.z, b.z, a.w, b.w));
    }
  }
}
