// softmax/0_workgroup    The rungs with a workgroup a row: WG lanes share each of three walks along the axis (largest,
// sum, result). The including kernel says how lanes meet: largest_of() and total_of() all of them, the same in each.
// #include "softmax/0_shared.wgsl": Params, the bindings, base_of() a row, store() for the formula

@compute @workgroup_size(WG)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32) {
  let row = group.x + group.y * groups.x;
  let inside = row < p.outer * p.inner;
  let base = select(0u, base_of(row), inside);
  let length = select(0u, p.axis, inside);

  var mine = value(base);
  for (var a = lane; a < length; a += WG) { mine = max(mine, value(base + a * p.inner)); }
  let largest = largest_of(lane, mine);
  var exponentials = Sum();
  for (var a = lane; a < length; a += WG) { add(&exponentials, exp_of(value(base + a * p.inner) - largest)); }
  let sum = total_of(lane, sum_of(&exponentials));
  for (var a = lane; a < length; a += WG) { store(base + a * p.inner, largest, sum); }
}
