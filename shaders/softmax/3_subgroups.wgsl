// softmax/3_subgroups
// y[o,a,i] = exp(z[o,a,i] - m) / sum over a of exp(z[o,a,i] - m),  m = max over a        (LOG 1: its logarithm)
// z = scale * x;  x, y (outer, axis, inner).   One workgroup a row: WG lanes share each walk along the axis.
// Over rung 2: what the lanes have found meets in registers, subgroup by subgroup, and two barriers take the place of
// fifteen.
enable subgroups;
const WG: u32 = 64;
alias Partial = f32;
// #include "softmax/0_shared.wgsl": Params, the bindings, base_of() a row, store() for the formula
// #include "lib/meet_subgroups.wgsl": meet_subgroups(), the sum over all lanes
// #include "lib/meet_subgroups_largest.wgsl": meet_subgroups_largest()

@compute @workgroup_size(WG)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32) {
  let row = group.x + group.y * groups.x;
  let inside = row < p.outer * p.inner;
  let base = select(0u, base_of(row), inside);
  let length = select(0u, p.axis, inside);

  var mine = value(base);
  for (var a = lane; a < length; a += WG) { mine = max(mine, value(base + a * p.inner)); }
  let largest = meet_subgroups_largest(lane, mine);
  var exponentials = Sum();
  for (var a = lane; a < length; a += WG) { add(&exponentials, exp(value(base + a * p.inner) - largest)); }
  let sum = meet_subgroups(lane, sum_of(&exponentials));
  for (var a = lane; a < length; a += WG) { store(base + a * p.inner, largest, sum); }
}
