// reduce/4_subgroups    y[o,i] = scale * sum over a of x[o,a,i]        (OP 0: sum, 1: max)
// x (outer, axis, inner), y (outer, inner).   One workgroup an output: its lanes take every WG-th element.
// Over rung 2: partial results meet in registers, subgroup by subgroup, and one barrier takes the place of six.
enable subgroups;
const WG: u32 = 64;
alias Partial = f32;
// #include "reduce/0_shared.wgsl": Params, the bindings, base_of() a row, walk() along it, scaled()
// #include "lib/meet_subgroups.wgsl": meet_subgroups(), the sum over all lanes
// #include "lib/meet_subgroups_largest.wgsl": meet_subgroups_largest()

@compute @workgroup_size(WG)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32) {
  let o = min(group.x + group.y * groups.x, p.outer * p.inner - 1u); // past the end: the last output once more
  let mine = walk(base_of(o), lane, WG);
  var all: f32;
  if (OP == 1u) { all = meet_subgroups_largest(lane, mine); } else { all = meet_subgroups(lane, mine); }
  if (lane == 0u) { y[o] = scaled(all); }
}
