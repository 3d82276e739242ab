// reduce/2_workgroup    y[o,i] = scale * sum over a of x[o,a,i]        (OP 0: sum, 1: max)
// x (outer, axis, inner), y (outer, inner).
// One workgroup an output: its lanes take every WG-th element, then halve their number of partial results until one is
// left. Faster than rung 1 where there are few outputs and a long axis: rung 1 leaves most of the machine idle there.
const WG: u32 = 64;
const OP: u32 = 0;
struct Params { outer: u32, axis: u32, inner: u32, scale: f32 }
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@group(0) @binding(2) var<uniform> p: Params;
var<workgroup> partial: array<f32, WG>;

@compute @workgroup_size(WG)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let o = group.x + group.y * groups.x;
  if (o < p.outer * p.inner) {
    let base = (o / p.inner) * p.axis * p.inner + o % p.inner;
    var best = x[base];
    var sum = 0.0;
    for (var a = lane; a < p.axis; a += WG) {
      let v = x[base + a * p.inner];
      best = max(best, v);
      sum += v;
    }
    partial[lane] = select(sum, best, OP == 1u);
  }
  for (var half = WG / 2u; half > 0u; half /= 2u) {
    workgroupBarrier();
    if (lane < half) {
      let a = partial[lane];
      let b = partial[lane + half];
      partial[lane] = select(a + b, max(a, b), OP == 1u);
    }
  }
  if (lane == 0u && o < p.outer * p.inner) { y[o] = partial[0] * select(p.scale, 1.0, OP == 1u); }
}
