// softmax/backward/0_workgroup    The rungs with a workgroup a row: WG lanes share both walks along the axis. The
// including kernel says how lanes meet: total_of() all of them, the same in each.
// #include "softmax/backward/0_shared.wgsl": Params, the bindings, base_of() a row, term() and store() for the formula

@compute @workgroup_size(WG)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32) {
  let row = group.x + group.y * groups.x;
  let inside = row < p.outer * p.inner;
  let base = select(0u, base_of(row), inside);
  let length = select(0u, p.axis, inside);
  var terms = Sum();
  for (var a = lane; a < length; a += WG) { add(&terms, term(base + a * p.inner)); }
  let sum = total_of(lane, sum_of(&terms));
  for (var a = lane; a < length; a += WG) { store(base + a * p.inner, sum); }
}
