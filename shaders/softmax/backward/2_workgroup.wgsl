// softmax/backward/2_workgroup
// dx = scale * y * (dy - sum over a of dy * y)        LOG 1:  dx = scale * (dy - exp(y) * sum over a of dy)
// y, dy, dx (outer, axis, inner), y the forward result.   One workgroup a row: WG lanes share both walks along the axis
// and meet in workgroup memory.
// Over rung 1, on long rows: there one lane walks a row, while the rest of the machine may have nothing to do.
const WG: u32 = 64;
alias Partial = f32;
// #include "softmax/backward/0_shared.wgsl": Params, the bindings, base_of() a row, term() and store() for the formula
// #include "lib/meet.wgsl": meet(), the sum over all lanes

@compute @workgroup_size(WG)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32) {
  let row = group.x + group.y * groups.x;
  let inside = row < p.outer * p.inner;
  let base = select(0u, base_of(row), inside);
  let length = select(0u, p.axis, inside);
  var terms = Sum();
  for (var a = lane; a < length; a += WG) { add(&terms, term(base + a * p.inner)); }
  meet(lane, sum_of(&terms));
  workgroupBarrier();
  let sum = partial[0];
  for (var a = lane; a < length; a += WG) { store(base + a * p.inner, sum); }
}
