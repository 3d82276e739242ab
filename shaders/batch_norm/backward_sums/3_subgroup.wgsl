// batch_norm/backward_sums/3_subgroup    dbias[c] = sum of g[:,c,:],  dweight[c] = sum of g[:,c,:] * xhat[:,c,:]
// with xhat = (x - mean) / sqrt(variance + eps) and g = dy (RELU 1: where y > 0, else 0).
// x, y, dy (N,C,L) with L a multiple of 4, the rest (C).
// Eight lanes walk a channel, a vec4 at a time, and add up their sums by shuffles.
// Over rung 2: no workgroup memory and no barriers, which a CPU pays for dearly; four elements in one load; and lanes
// are not idle when a row is shorter than 64. A GPU has more lanes than this uses, and is better off with rung 2.
// Right for subgroups of 8 lanes and more.
enable subgroups;
const WG: u32 = 8;
const LANES: u32 = 8; // per channel
const RELU: u32 = 0;
struct Params { N: u32, C: u32, L: u32, eps: f32 }
@group(0) @binding(0) var<storage, read> x: array<vec4f>;
@group(0) @binding(1) var<storage, read> y: array<vec4f>;
@group(0) @binding(2) var<storage, read> dy: array<vec4f>;
@group(0) @binding(3) var<storage, read> mean: array<f32>;
@group(0) @binding(4) var<storage, read> variance: array<f32>;
@group(0) @binding(5) var<storage, read_write> dweight: array<f32>;
@group(0) @binding(6) var<storage, read_write> dbias: array<f32>;
@group(0) @binding(7) var<uniform> p: Params;
// #include "lib/flat.wgsl"

// The sum over the eight lanes and the four components.
fn total(mine: vec4f) -> f32 {
  var sum = mine.x + mine.y + mine.z + mine.w;
  sum += subgroupShuffleXor(sum, 4u);
  sum += subgroupShuffleXor(sum, 2u);
  return sum + subgroupShuffleXor(sum, 1u);
}

@compute @workgroup_size(WG)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  // Lanes past the end do the last channel once more: a shuffle needs all.
  let c = min(flat(id, groups) / LANES, p.C - 1u);
  let m = mean[c];
  let rstd = inverseSqrt(variance[c] + p.eps);
  let length = p.L / 4u;
  var sum = vec4f();
  var sum_xhat = vec4f();
  for (var n = 0u; n < p.N; n++) {
    let base = (n * p.C + c) * length;
    for (var i = base + id.x % LANES; i < base + length; i += LANES) {
      var g = dy[i];
      if (RELU == 1u) { g = select(vec4f(), g, y[i] > vec4f()); }
      sum += g;
      sum_xhat += g * ((x[i] - m) * rstd);
    }
  }
  dbias[c] = total(sum);
  dweight[c] = total(sum_xhat);
}
