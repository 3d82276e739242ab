// batch_norm/statistics/2_workgroup    mean[c] = mean of x[:,c,:],  variance[c] = mean of (x[:,c,:] - mean[c])^2
// x (N,C,L).   One workgroup a channel: WG lanes share both walks and meet in workgroup memory. Rung 1 has one lane a
// channel, so with 64 channels it fills a single workgroup of the whole machine.
const WG: u32 = 64;
struct Params { N: u32, C: u32, L: u32 }
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> mean: array<f32>;
@group(0) @binding(2) var<storage, read_write> variance: array<f32>;
@group(0) @binding(3) var<uniform> p: Params;
var<workgroup> partial: array<f32, WG>;

fn total(lane: u32, mine: f32) -> f32 {
  workgroupBarrier();
  partial[lane] = mine;
  for (var half = WG / 2u; half > 0u; half /= 2u) {
    workgroupBarrier();
    if (lane < half) { partial[lane] += partial[lane + half]; }
  }
  workgroupBarrier();
  return partial[0];
}

@compute @workgroup_size(WG)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let c = group.x;
  let count = f32(p.N * p.L);
  var sum = 0.0;
  for (var n = 0u; n < p.N; n++) {
    let base = (n * p.C + c) * p.L;
    for (var l = lane; l < p.L; l += WG) { sum += x[base + l]; }
  }
  let m = total(lane, sum) / count;
  var squares = 0.0;
  for (var n = 0u; n < p.N; n++) {
    let base = (n * p.C + c) * p.L;
    for (var l = lane; l < p.L; l += WG) {
      let d = x[base + l] - m;
      squares += d * d;
    }
  }
  squares = total(lane, squares);
  if (lane == 0u) {
    mean[c] = m;
    variance[c] = squares / count;
  }
}
