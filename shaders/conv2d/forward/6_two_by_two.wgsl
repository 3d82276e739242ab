// conv2d/forward/6_two_by_two
enable subgroups;
@group(0) @binding(0) var<storage, read> x: array<vec4f>;
@group(0) @binding(1) var<storage, read> w: array<vec4f>;
@group(0) @binding(2) var<storage, read> mean: array<f32>;
@group(0) @binding(3) var<storage, read> variance: array<f32>;
@group(0) @binding(4) var<storage, read> gamma: array<f32>;
@group(0) @binding(5) var<storage, read> beta: array<f32>;
@group(0) @binding(6) var<storage, read> residual: array<f32>;
@group(0) @binding(7) var<storage, read_write> y: array<vec4f>;
@group(0) @binding(8) var<uniform> p: Params;
// #include "conv2d/0_two_by_two.wgsl": Params
// #include "lib/conv_epilogue.wgsl": epilogue(), for bias or batch norm, shortcut and ReLU

fn eight(sum: ptr<function, array<vec4f, 8>>, m: mat4x4f, v: vec4f) {
  for (var i = 0u; i < 8u; i++) { (*sum)[i] += m * subgroupShuffle(v, i); }
}

@compute @workgroup_size(WG)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let k = group.x * 8u + lane;
  let n0 = group.y * 8u;
  var w_at = min(k, p.K - 1u) * p.C * 9u / 4u;
  var x_at = min(n0 + lane, p.N - 1u) * p.C;
  var sum: array<vec4f, 8>;
  for (var c = 0u; c < p.C; c += 4u) {
    var four: array<vec4f, 9>;
    for (var i = 0u; i < 9u; i++) { four[i] = w[w_at + i]; }
    eight(&sum, matrix(&four, 0u), x[x_at]);
    eight(&sum, matrix(&four, 1u), x[x_at + 1u]);
    eight(&sum, matrix(&four, 2u), x[x_at + 2u]);
    eight(&sum, matrix(&four, 3u), x[x_at + 3u]);
    w_at += 9u;
    x_at += 4u;
  }
  if (k >= p.K) { return; }
  for (var i = 0u; i < 8u; i++) {
    if (n0 + i < p.N) {
      let o = (n0 + i) * p.K + k;
      let s = sum[i];
      y[o] = vec4f(epilogue(s.x, k, 4u * o), epilogue(s.y, k, 4u * o + 1u), epilogue(s.z, k, 4u * o + 2u),
        epilogue(s.w, k, 4u * o + 3u));
    }
  }
}
