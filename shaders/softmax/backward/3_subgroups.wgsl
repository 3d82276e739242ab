// softmax/backward/3_subgroups
// dx = scale * y * (dy - sum over a of dy * y)        LOG 1:  dx = scale * (dy - exp(y) * sum over a of dy)
// y, dy, dx (outer, axis, inner), y the forward result.   One workgroup a row: WG lanes share both walks along the
// axis.
// Over rung 2: the terms meet in registers, subgroup by subgroup, and one barrier takes the place of seven.
enable subgroups;
const WG: u32 = 64;
alias Partial = f32;
// #include "softmax/backward/0_shared.wgsl": Params, the bindings, base_of() a row, term() and store() for the formula
// #include "lib/meet_subgroups.wgsl": meet_subgroups(), the sum over all lanes

@compute @workgroup_size(WG)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32) {
  let row = group.x + group.y * groups.x;
  let inside = row < p.outer * p.inner;
  let base = select(0u, base_of(row), inside);
  let length = select(0u, p.axis, inside);
  var terms = Sum();
  for (var a = lane; a < length; a += WG) { add(&terms, term(base + a * p.inner)); }
  let sum = meet_subgroups(lane, sum_of(&terms));
  for (var a = lane; a < length; a += WG) { store(base + a * p.inner, sum); }
}
