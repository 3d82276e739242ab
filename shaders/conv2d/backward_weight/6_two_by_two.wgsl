// conv2d/backward_weight/6_two_by_two
enable subgroups;
const WG: u32 = 8;
struct Params { N: u32, C: u32, K: u32 }
@group(0) @binding(0) var<storage, read> x: array<vec4f>;
@group(0) @binding(1) var<storage, read> dy: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> dw: array<vec4f>;
@group(0) @binding(3) var<uniform> p: Params;

const ROWS: u32 = 8;

fn channel(sum: ptr<function, array<array<f32, 36>, ROWS>>, t: u32, mine: vec4f, v: vec4f) {
  for (var i = 0u; i < ROWS; i++) {
    let d = subgroupShuffle(mine, i);
    (*sum)[i][t] += d.w * v.x;
    (*sum)[i][t + 1u] += d.z * v.x + d.w * v.y;
    (*sum)[i][t + 2u] += d.z * v.y;
    (*sum)[i][t + 3u] += d.y * v.x + d.w * v.z;
    (*sum)[i][t + 4u] += d.x * v.x + d.y * v.y + d.z * v.z + d.w * v.w;
    (*sum)[i][t + 5u] += d.x * v.y + d.z * v.w;
    (*sum)[i][t + 6u] += d.y * v.z;
    (*sum)[i][t + 7u] += d.x * v.z + d.y * v.w;
    (*sum)[i][t + 8u] += d.x * v.w;
  }
}

@compute @workgroup_size(WG)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let c = (group.x * 8u + lane) * 4u;
  let k0 = group.y * ROWS;
  var x_at = min(c, p.C - 4u);
  var dy_at = min(k0 + lane % ROWS, p.K - 1u);
  var sum: array<array<f32, 36>, ROWS>;
  for (var n = 0u; n < p.N; n++) {
    let mine = dy[dy_at];
    channel(&sum, 0u, mine, x[x_at]);
    channel(&sum, 9u, mine, x[x_at + 1u]);
    channel(&sum, 18u, mine, x[x_at + 2u]);
    channel(&sum, 27u, mine, x[x_at + 3u]);
    x_at += p.C;
    dy_at += p.K;
  }
  if (c >= p.C) { return; }
  for (var i = 0u; i < ROWS; i++) {
    if (k0 + i < p.K) {
      let o = ((k0 + i) * p.C + c) * 9u / 4u;
      dw[o + 0u] = vec4f(sum[i][0], sum[i][1], sum[i][2], sum[i][3]);
      dw[o + 1u] = vec4f(sum[i][4], sum[i][5], sum[i][6], sum[i][7]);
      dw[o + 2u] = vec4f(sum[i][8], sum[i][9], sum[i][10], sum[i][11]);
      dw[o + 3u] = vec4f(sum[i][12], sum[i][13], sum[i][14], sum[i][15]);
      dw[o + 4u] = vec4f(sum[i][16], sum[i][17], sum[i][18], sum[i][19]);
      dw[o + 5u] = vec4f(sum[i][20], sum[i][21], sum[i][22], sum[i][23]);
      dw[o + 6u] = vec4f(sum[i][24], sum[i][25], sum[i][26], sum[i][27]);
      dw[o + 7u] = vec4f(sum[i][28], sum[i][29], sum[i][30], sum[i][31]);
      dw[o + 8u] = vec4f(sum[i][32], sum[i][33], sum[i][34], sum[i][35]);
    }
  }
}
