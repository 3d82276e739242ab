// softmax/2_workgroup    y[o,a,i] = exp(x[o,a,i] - m) / sum over a of exp(x[o,a,i] - m),  m = max over a        (LOG 1:
// its logarithm) x, y (outer, axis, inner).
// One workgroup a row: WG lanes share each walk along the axis and meet in workgroup memory. Faster than rung 1 on long
// rows, which would otherwise each be walked by one lane while the rest of the machine waits.
const WG: u32 = 64;
const LOG: u32 = 0;
struct Params { outer: u32, axis: u32, inner: u32 }
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@group(0) @binding(2) var<uniform> p: Params;
var<workgroup> partial: array<f32, WG>;

@compute @workgroup_size(WG)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let row = group.x + group.y * groups.x;
  let inside = row < p.outer * p.inner;
  let base = select(0u, (row / p.inner) * p.axis * p.inner + row % p.inner, inside);
  let length = select(0u, p.axis, inside);

  var largest = x[base];
  for (var a = lane; a < length; a += WG) { largest = max(largest, x[base + a * p.inner]); }
  partial[lane] = largest;
  for (var half = WG / 2u; half > 0u; half /= 2u) {
    workgroupBarrier();
    if (lane < half) { partial[lane] = max(partial[lane], partial[lane + half]); }
  }
  workgroupBarrier();
  largest = partial[0];
  workgroupBarrier();

  var sum = 0.0;
  for (var a = lane; a < length; a += WG) { sum += exp(x[base + a * p.inner] - largest); }
  partial[lane] = sum;
  for (var half = WG / 2u; half > 0u; half /= 2u) {
    workgroupBarrier();
    if (lane < half) { partial[lane] += partial[lane + half]; }
  }
  workgroupBarrier();
  sum = partial[0];

  for (var a = lane; a < length; a += WG) {
    let i = base + a * p.inner;
    let e = x[i] - largest;
    if (LOG == 1u) { y[i] = e - log(sum); } else { y[i] = exp(e) / sum; }
  }
}
