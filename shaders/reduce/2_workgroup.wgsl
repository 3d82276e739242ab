// reduce/2_workgroup    y[o,i] = scale * sum over a of x[o,a,i]        (OP 0: sum, 1: max)
// x (outer, axis, inner), y (outer, inner).   One workgroup an output: its lanes take every WG-th element, then halve
// their number of partial results until one is left.
// Over rung 1, where there are few outputs and a long axis: there most of the machine would be idle.
const WG: u32 = 64;
alias Partial = f32;
// #include "reduce/0_shared.wgsl": Params, the bindings, base_of() a row, walk() along it, scaled()
// #include "lib/meet.wgsl": meet(), the sum over all lanes
// #include "lib/meet_largest.wgsl": meet_largest()

@compute @workgroup_size(WG)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32) {
  let o = min(group.x + group.y * groups.x, p.outer * p.inner - 1u); // past the end: the last output once more
  let mine = walk(base_of(o), lane, WG);
  if (OP == 1u) { meet_largest(lane, mine); } else { meet(lane, mine); }
  if (lane == 0u) { y[o] = scaled(partial[0]); }
}
