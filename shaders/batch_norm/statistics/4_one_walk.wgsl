// batch_norm/statistics/4_one_walk    mean[c] = mean of x[:,c,:],  variance[c] = mean of (x[:,c,:] - mean[c])^2
// x (N,C,L) with L a multiple of 4.   Eight lanes walk a channel, a vec4 at a time, and add up their sums by shuffles.
// Over rung 3: x is read once, not twice. With any number k near the mean, d = x - k has
//   mean = k + mean of d,   variance = mean of d^2 - (mean of d)^2,
// and only k = 0 loses digits. k is the mean of the channel in the first image. Those L of the N L values alone add
// (k - mean)^2 / N to the variance, so (mean of d)^2 <= N * variance: the subtraction magnifies rounding by at most N +
// 1, and by about 1 where images are alike.
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
  let length = p.L / 4u;
  var first = vec4f();
  for (var l = id.x % LANES; l < length; l += LANES) { first += x[c * length + l]; }
  let k = total(first) / f32(p.L);
  var sum = vec4f();
  var squares = vec4f();
  for (var n = 0u; n < p.N; n++) {
    let base = (n * p.C + c) * length;
    for (var l = id.x % LANES; l < length; l += LANES) {
      let d = x[base + l] - k;
      sum += d;
      squares += d * d;
    }
  }
  let count = f32(p.N * p.L);
  let m = total(sum) / count;
  mean[c] = k + m;
  variance[c] = max(total(squares) / count - m * m, 0.0);
}
