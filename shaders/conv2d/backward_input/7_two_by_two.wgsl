// conv2d/backward_input/7_two_by_two
enable subgroups;
@group(0) @binding(0) var<storage, read> dy: array<vec4f>;
@group(0) @binding(1) var<storage, read> w: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> dx: array<vec4f>;
@group(0) @binding(3) var<uniform> p: Params;
// #include "conv2d/0_two_by_two.wgsl": Params

fn store(o: u32, v: vec4f) { dx[o] = v; }

fn eight(sum: ptr<function, array<vec4f, 32>>, first: u32, m: mat4x4f, v: vec4f) {
  for (var i = 0u; i < 8u; i++) { (*sum)[first + i] += subgroupShuffle(v, i) * m; }
}

@compute @workgroup_size(WG)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let c = (group.x * 8u + lane) * 4u;
  let n0 = group.y * 8u;
  var w_at = min(c, p.C - 4u) * 9u / 4u;
  var dy_at = min(n0 + lane, p.N - 1u) * p.K;
  var sum: array<vec4f, 32>;
  for (var k = 0u; k < p.K; k++) {
    var four: array<vec4f, 9>;
    for (var i = 0u; i < 9u; i++) { four[i] = w[w_at + i]; }
    let mine = dy[dy_at];
    eight(&sum, 0u, matrix(&four, 0u), mine);
    eight(&sum, 8u, matrix(&four, 1u), mine);
    eight(&sum, 16u, matrix(&four, 2u), mine);
    eight(&sum, 24u, matrix(&four, 3u), mine);
    w_at += p.C * 9u / 4u;
    dy_at++;
  }
  if (c >= p.C) { return; }
  for (var i = 0u; i < 32u; i++) {
    if (n0 + i % 8u < p.N) { store((n0 + i % 8u) * p.C + c + i / 8u, sum[i]); }
  }
}
