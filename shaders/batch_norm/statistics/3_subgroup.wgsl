// batch_norm/statistics/3_subgroup    mean[c] = mean of x[:,c,:],  variance[c] = mean of (x[:,c,:] - mean[c])^2
// x (N,C,L) with L a multiple of 4.   Eight lanes walk a channel, a vec4 at a time, and add up their sums by shuffles.
// Over rung 2: no workgroup memory and no barriers, which a CPU pays for dearly; four elements in one load; and lanes
// are not idle when a row is shorter than 64. A GPU has more lanes than this uses, and is better off with rung 2.
// Right for subgroups of 8 lanes and more.
enable subgroups;
const WG: u32 = 8;
const LANES: u32 = 8; // per channel
struct Params { N: u32, C: u32, L: u32 }
@group(0) @binding(0) var<storage, read> x: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> mean: array<f32>;
@group(0) @binding(2) var<storage, read_write> variance: array<f32>;
@group(0) @binding(3) var<uniform> p: Params;
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
  let count = f32(p.N * p.L);
  let length = p.L / 4u;
  var sum = vec4f();
  for (var n = 0u; n < p.N; n++) {
    let base = (n * p.C + c) * length;
    for (var l = id.x % LANES; l < length; l += LANES) { sum += x[base + l]; }
  }
  let m = total(sum) / count;
  var squares = vec4f();
  for (var n = 0u; n < p.N; n++) {
    let base = (n * p.C + c) * length;
    for (var l = id.x % LANES; l < length; l += LANES) {
      let d = x[base + l] - m;
      squares += d * d;
    }
  }
  mean[c] = m;
  variance[c] = total(squares) / count;
}
