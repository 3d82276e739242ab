// softmax/3_subgroups
// y[o,a,i] = exp(z[o,a,i] - m) / sum over a of exp(z[o,a,i] - m),  m = max over a        (LOG 1: its logarithm)
// z = scale * x;  x, y (outer, axis, inner).   One workgroup a row: WG lanes share each walk along the axis.
// Over rung 2: what the lanes have found meets in registers, subgroup by subgroup, and two barriers take the place of
// fifteen.
enable subgroups;
const WG: u32 = 64;
alias Partial = f32;
// #include "softmax/0_workgroup.wgsl": main(), which calls largest_of() and total_of()
// #include "lib/meet_subgroups.wgsl": meet_subgroups(), the sum over all lanes
// #include "lib/meet_subgroups_largest.wgsl": meet_subgroups_largest()

fn largest_of(lane: u32, mine: f32) -> f32 { return meet_subgroups_largest(lane, mine); }
fn total_of(lane: u32, mine: f32) -> f32 { return meet_subgroups(lane, mine); }
