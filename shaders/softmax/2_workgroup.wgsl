// softmax/2_workgroup
// y[o,a,i] = exp(z[o,a,i] - m) / sum over a of exp(z[o,a,i] - m),  m = max over a        (LOG 1: its logarithm)
// z = scale * x;  x, y (outer, axis, inner).   One workgroup a row: WG lanes share each walk along the axis and meet in
// workgroup memory.
// Over rung 1, on long rows: there one lane walks a row, while the rest of the machine may have nothing to do.
const WG: u32 = 64;
alias Partial = f32;
// #include "softmax/0_shared.wgsl": Params, the bindings, base_of() a row, store() for the formula
// #include "lib/meet.wgsl": meet(), the sum over all lanes
// #include "lib/meet_largest.wgsl": meet_largest()

@compute @workgroup_size(WG)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32) {
  let row = group.x + group.y * groups.x;
  let inside = row < p.outer * p.inner;
  let base = select(0u, base_of(row), inside);
  let length = select(0u, p.axis, inside);

  var largest = value(base);
  for (var a = lane; a < length; a += WG) { largest = max(largest, value(base + a * p.inner)); }
  meet_largest(lane, largest);
  workgroupBarrier();
  largest = partial[0];
  workgroupBarrier();

  var mine = Sum();
  for (var a = lane; a < length; a += WG) { add(&mine, exp(value(base + a * p.inner) - largest)); }
  meet(lane, sum_of(&mine));
  workgroupBarrier();
  let sum = partial[0];

  for (var a = lane; a < length; a += WG) { store(base + a * p.inner, largest, sum); }
}
